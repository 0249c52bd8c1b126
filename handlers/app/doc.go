// Package app builds the whole program from its settings: the portal, in the demo a sandbox
// for every vendor that is not configured, and the hosts they answer on. main.go reads
// the settings and calls it; tests build the same value with a folder of their own and port 0.
//
// Settings, commands, and the wiring of portal and sandboxes are here, and vendors.go, the only list of vendors. What
// a page does is not.
package app
