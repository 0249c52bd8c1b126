// Package sandbox is the frame that all vendors' sandboxes share: faults on demand, reset,
// the page of limits, the choice of language, and the look that marks a page as a sandbox's.
// What one vendor does belongs into <vendor>/sandbox. Nothing here knows the portal.
//
// Begin with sandbox.go, the kernel that each sandbox is built on. faults.go has what can be made to fail,
// scenarios.go the faults that take knowing the vendor, choices.go that in which the sandbox could be otherwise,
// because nobody knows the vendor's way, control.go the host that has all sandboxes, connect.go the page for clients
// in other languages.
//
// # Faults
//
// A fault has hold (until POST /_sandbox/faults/release), delay, jitter and slow in milliseconds, hang, break, reset,
// forget, status with body, content_type, retry_after and cut, times, and chance; scenario names one that takes
// knowing the vendor, such as expired-session. {"operation": "clock", "ahead": 3600000} moves the sandbox's clock. PUT
// replaces what is set, GET shows the operations, DELETE stops all; an answer to a mistake says what is allowed.
package sandbox
