package password

import (
	"runtime"
	"sync"
	"syscall"
)

// atATime is how many may hash at a time: one for each core.
//
// Go runs as many goroutines at a time as there are cores, and hashing would occupy them all.
// With as many again a page always finds one free, and the system, which knows by their
// priority that the hashing threads can wait, gives the page a core at once.
var atATime = sync.OnceValue(func() int {
	cores := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(2 * cores)
	return cores
})

// low is the priority of what should wait for others, and yet get its share beside many ("nice 5"): at 19 a hundred
// readers make a sign-in take seconds, and pages are no quicker for it.
const low = 5

// background runs f on a thread of its own, of low priority, and waits for it. Raising a
// priority again takes privileges, so the thread is not used further: it ends with its goroutine.
func background(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		// Refused, pages would be slower during sign-ins and nothing worse.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), low)
		f()
	}()
	<-done
}
