// The non-secure nanoid, as a function; what the vendor's module looks like is not documented, so that it has the
// names of the package too.
define(['nanoid-module'], (module) => Object.assign((size) => module.nanoid(size), module));
