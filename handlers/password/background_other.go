//go:build !linux

package password

import "runtime"

// atATime is how many may hash at a time: where threads have no priorities of their own, one
// core is left to pages.
func atATime() int { return max(1, runtime.GOMAXPROCS(0)-1) }

func background(f func()) { f() }
