package views

import "strconv"

// Key is what a page is made of: texts and numbers, each after its length, so that no two lists make the same.
type Key []byte

// Add adds texts.
func (k *Key) Add(texts ...string) {
	for _, t := range texts {
		k.number(len(t))
		*k = append(*k, t...)
	}
}

func (k *Key) number(n int) { *k = append(strconv.AppendInt(*k, int64(n), 10), ':') }

func (k *Key) flags(flags ...bool) {
	for _, f := range flags {
		*k = strconv.AppendBool(*k, f)
	}
}

func (k *Key) list(texts []string) {
	k.number(len(texts))
	k.Add(texts...)
}

func (k *Key) links(links []Link) {
	k.number(len(links))
	for _, l := range links {
		k.Add(l.Path, l.Text)
	}
}

// AddPage adds all that stands around a page but the nonce.
func (k *Key) AddPage(p Page) {
	k.Add(string(p.Texts.Language), p.Title, p.Path, p.Return, p.Control, p.How)
	b := p.Brand
	k.Add(b.Name, b.Logo, b.Style, b.Accent, b.Terms, b.Privacy, b.Contact.Path, b.Contact.Text)
	k.links(p.Nav)
	k.links(p.AdminNav)
	k.list(p.Faults)
	k.flags(p.Demo, p.User != nil, p.Tour != nil)
	if p.User != nil {
		k.Add(p.reader(), p.User.Name)
	}
	if t := p.Tour; t != nil {
		k.number(t.Number)
		k.number(t.Count)
		k.Add(t.Title, t.See)
		k.list(t.Do)
		k.links(t.Links)
		k.flags(t.Done, t.Stranger)
	}
}

// AddCard adds all of a card but its lines, which are made of what is known of the reader.
func (k *Key) AddCard(c Card) {
	k.Add(c.Vendor, c.Icon, c.Title, c.State, c.Tone, c.Text)
	k.number(int(c.KnownAt.Unix()))
	k.flags(c.Stale, c.CanRefresh, c.Action != nil)
	if c.Action != nil {
		k.Add(c.Action.Path, c.Action.Text)
	}
}
