package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// reader follows a stream as the scripts do: it connects again where it left off, and counts each message.
type reader struct {
	client  *http.Client
	address string
	token   string
	last    string

	mu    sync.Mutex
	count map[string]int // of messages, by their texts
	ids   map[int64]bool
	again int // how often a message came that was there already
}

func (r *reader) follow(ctx context.Context) {
	for ctx.Err() == nil {
		r.connect(ctx)
	}
}

func (r *reader) connect(ctx context.Context) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.address, nil)
	if err != nil {
		panic(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.token)
	q.Header.Set("Last-Event-ID", r.last)
	answer, err := r.client.Do(q)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	name, id := "", ""
	for lines.Scan() {
		field, text, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			name = text
		case "id":
			id = text
		case "data":
			if name == "message" {
				r.take(text)
			}
		case "":
			if id != "" {
				r.last = id
			}
		}
	}
}

func (r *reader) take(data string) {
	var m message
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		panic(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[m.ID] {
		r.again++
		return
	}
	r.ids[m.ID] = true
	r.count[m.From+": "+m.Text]++
}

// has reports whether a reader has each of the rounds' messages, once and no other.
func (r *reader) has(chat, rounds int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for round := range rounds {
		text := fmt.Sprintf("%s: %d of %d", fromVisitor, round, chat)
		if n := r.count[text]; n != 1 {
			return fmt.Errorf("%q is there %d times", text, n)
		}
	}
	if n := len(r.count); n != rounds+1 { // and that the chat has started
		return fmt.Errorf("there are %d messages", n)
	}
	return nil
}

// TestTwoHundredOpenChatsLoseAndDoubleNothing has customers write while everybody's connection is lost
// again and again. `make load` has each write once a second for thirty seconds; otherwise they write as
// fast as they can, three times.
func TestTwoHundredOpenChatsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	const chats = 200
	rounds, pace := 3, time.Duration(0)
	if s, err := strconv.Atoi(os.Getenv("KABINET_LOAD_SECONDS")); err == nil {
		rounds, pace = s, time.Second
	}
	b := open(t, func(c *Config) { c.Now = time.Now })
	server := httptest.NewServer(b)
	ctx, stop := context.WithCancel(t.Context())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: chats}}
	var following, writing sync.WaitGroup
	t.Cleanup(func() {
		stop()
		following.Wait()
		client.CloseIdleConnections()
		server.Close()
	})
	newReader := func(path, token string) *reader {
		r := &reader{client: client, address: server.URL + path, token: token, count: map[string]int{}, ids: map[int64]bool{}}
		following.Go(func() { r.follow(ctx) })
		return r
	}
	var readers [chats][2]*reader // the customer's and the operator's
	var consoles [chats]string
	var slowest atomic.Int64
	for i := range chats {
		p := b.page("null")
		readers[i][0] = newReader("/chat/events", p.token)
		consoles[i] = "/operator/events?visitor=" + b.consoleID(p.visitor().number)
		if i < 5 { // a console follows everybody: as many as people have open at once
			readers[i][1] = newReader(consoles[i], "")
		}
		writing.Go(func() {
			for round := range rounds {
				if pace > 0 {
					<-time.After(pace)
				}
				began := time.Now()
				if err := say(client, server.URL, p.token, fmt.Sprintf("%d of %d", round, i), strconv.Itoa(round)); err != nil {
					t.Error(err)
				}
				slowest.Store(max(slowest.Load(), int64(time.Since(began))))
				if i == 0 {
					b.EndStreams()
				}
			}
		})
	}
	writing.Wait()
	for i := 5; i < chats; i++ {
		readers[i][1] = newReader(consoles[i], "")
	}
	deadline := time.Now().Add(patience)
	for i, both := range readers {
		for _, r := range both {
			err := r.has(i, rounds)
			for ; err != nil && time.Now().Before(deadline); err = r.has(i, rounds) {
				time.Sleep(5 * time.Millisecond)
			}
			if err != nil {
				t.Fatalf("chat %d: %v", i, err)
			}
		}
	}
	t.Logf("%d messages in %d chats, each seen once by both sides; the slowest was taken in %s", chats*rounds, chats, time.Duration(slowest.Load()))
}

func say(client *http.Client, address, token, text, key string) error {
	q, err := http.NewRequest(http.MethodPost, address+"/chat/messages", strings.NewReader(fmt.Sprintf(`{"text": %q, "key": %q}`, text, key)))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("saying %q: %s", text, answer.Status)
	}
	return nil
}

// names are the events of a batch, messages by their texts.
func names(b batch) string {
	var all []string
	for _, e := range b.events {
		if m, ok := e.data.(message); ok {
			all = append(all, m.Text)
		} else {
			all = append(all, e.name)
		}
	}
	return strings.Join(all, " ")
}

func TestAStreamSendsWhatIsNewerAndBeginsAnewForAnotherVisitor(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.page(b.signed(anna))
	p.says("one", "1")
	newer := func(cursor string) batch {
		b.state.mu.Lock()
		defer b.state.mu.Unlock()
		n, err := b.state.find(p.token)
		if err != nil {
			t.Fatal(err)
		}
		return b.state.newer(n, n.visitor, cursor)
	}
	first := newer("")
	if got := names(first); got != "reset started one state" {
		t.Error(got)
	}
	if got := names(newer(first.cursor)); got != "" {
		t.Errorf("nothing new, and yet: %s", got)
	}
	p.says("two", "2")
	second := newer(first.cursor)
	if got := names(second); got != "two state" {
		t.Error(got)
	}
	for _, cursor := range []string{"nonsense", b.state.epoch + " 1-999999", b.state.epoch + " 9-1", "1-1", strings.Replace(first.cursor, b.state.epoch, "ANOTHER", 1)} {
		if got := names(newer(cursor)); got != "reset started one two state" {
			t.Errorf("%s: %s", cursor, got)
		}
	}
	b.now = b.now.Add(time.Hour) // who is no longer believed is another
	if got := names(newer(second.cursor)); got != "reset state" {
		t.Errorf("the window goes on with %s", got)
	}
}

func TestAConsolesStreamBeginsAConversationAnewAndNotTheVisitors(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.page("null").says("one", "1")
	b.page("null").says("two", "1")
	texts := b.Frame.Catalogue.In("en")
	newer := func(number int, cursor string) batch {
		b.state.mu.Lock()
		defer b.state.mu.Unlock()
		return b.state.newerForOperator(texts, b.consoleID(number), cursor)
	}
	first := newer(0, "")
	if got := names(first); got != "reset conversation visitor visitor" {
		t.Error(got)
	}
	second := newer(2, first.cursor)
	if got := names(second); got != "conversation started two" {
		t.Error(got)
	}
	if got := names(newer(2, second.cursor)); got != "" {
		t.Error(got)
	}
	before := b.consoleID(2)
	b.Reset()
	if got := names(newer(2, second.cursor)); got != "reset conversation" {
		t.Error(got)
	}
	b.page("null").says("three", "1")
	b.page("null").says("four", "1")
	if w := b.ask("POST", "/operator/visitors/"+before+"/messages", `{"text": "for somebody before", "key": "1"}`); w.Code != http.StatusNotFound {
		t.Errorf("a message to somebody before the reset: %d", w.Code)
	}
}

func TestACursorStandsWithTheLastEventOfABatch(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := send(w, batch{events: []event{{"a", 1}, {"b", 2}}, cursor: "5-6"}); err != nil {
		t.Fatal(err)
	}
	if got := w.Body.String(); got != "event: a\ndata: 1\n\nid: 5-6\nevent: b\ndata: 2\n\n" {
		t.Errorf("%q", got)
	}
}
