package outgoing

// NewClientOver is NewClient over another transport than the network.
var NewClientOver = newClient
