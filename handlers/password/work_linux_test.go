package password

import (
	"errors"
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/crypto/bcrypt"

	"kabinet/integrations/secret"
)

// work is the time that the processor spends on f, however long it takes beside what else the machine does.
func work(t *testing.T, f func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadTime(t)
	f()
	return threadTime(t) - began
}

// threadTime is how long this thread has been running on a processor: clock_gettime(2), which every Linux has. The
// time that getrusage tells comes in steps of milliseconds on some.
func threadTime(t *testing.T) time.Duration {
	t.Helper()
	const ofThread = 3 // CLOCK_THREAD_CPUTIME_ID
	var now syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, ofThread, uintptr(unsafe.Pointer(&now)), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	return time.Duration(now.Nano())
}

// The time that an answer takes shall tell an account that exists from none no more than previous one the cost was
// raised.
func TestAHashOfBeforeOrOfNobodyIsRefusedWithTheWorkOfANewOne(t *testing.T) {
	t.Parallel()
	const low, high = bcrypt.MinCost, bcrypt.MinCost + 2
	hashAt := func(cost int) (h *Hasher, hash string) {
		secrets := []secret.Text{secret.New("old")}
		h, err := NewHasher(Config{Secret: secret.New("secret"), OldSecrets: secrets, Cost: cost, Concurrent: 1})
		if err != nil {
			t.Fatal(err)
		}
		if hash, err = h.hash("kabinet-demo"); err != nil {
			t.Fatal(err)
		}
		return h, hash
	}
	_, before := hashAt(low)
	h, hash := hashAt(high)
	// The least of several is the work alone. Without the making up a previous hash would take a quarter.
	least := map[string]time.Duration{}
	ratio := func(stored string) float64 { return least[stored].Seconds() / least[hash].Seconds() }
	alike := func(stored string) bool { return ratio(stored) > 0.6 && ratio(stored) < 1.6 }
	for try := 0; try < 40 && (try < 3 || !alike(before) || !alike("")); try++ {
		for _, stored := range []string{hash, before, ""} {
			took := work(t, func() {
				if _, err := h.check(stored, "wrong"); !errors.Is(err, ErrMismatch) {
					t.Error(err)
				}
			})
			if least[stored] == 0 || took < least[stored] {
				least[stored] = took
			}
		}
	}
	if !alike(before) || !alike("") {
		t.Errorf("a previous hash takes %.2f of the work of a new one, that of nobody %.2f", ratio(before), ratio(""))
	}
}
