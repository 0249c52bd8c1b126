// Package apptest runs the whole program in a test: on a port of its own, with a folder and a database of its own,
// and real sandboxes in the vendors' place. Nothing of it is imitated. A first test of a fork's own page is
//
//	func TestMain(m *testing.M) { os.Exit(apptest.Main(m)) }
//
//	func TestOurPageGreetsItsReader(t *testing.T) {
//		t.Parallel()
//		p := apptest.StartDemo(t)
//		tab := apptest.OpenTab(t)
//		tab.SignIn(p, "anna@example.com")
//		tab.Open(p.URL + "/ours")
//		tab.Wait(`document.querySelector("h1").textContent === "Ours"`)
//	}
//
// What to reach for, in the order of what it costs: a [Client], which speaks HTTP as a browser does (milliseconds); a
// [Tab] of a real Chromium (a tenth of a second); a [Process], the program as it is installed, which can be killed.
//
// Everything waits for what is to happen, never for a time: [Eventually] and [Tab.Wait] end as soon as it has
// happened. Their limit, [Patience], is there for tests that hang and decides nothing. Where something has to happen
// in an order, hold it with a gate that the test opens, such as a sandbox's fault with Gate set, or move a [Clock].
//
// What a vendor's tests need stands in that vendor's files and not here: this package names no vendor.
package apptest
