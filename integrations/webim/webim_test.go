package webim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// The vector that Webim published for version 2.0.
var (
	publishedKey     = secret.New("e64e35642555f3ecd64ae7dbb600dca8")
	publishedFields  = webim.Fields{"id": "12345", "display_name": "Евгений", "phone": "+78123855337", "email": "abc@webim.ru"}
	publishedExpires = time.Unix(1481195621, 0)
)

const (
	publishedHash = "07ef16b821f9552a8b3118416ed9ed6278d3a8ff93751d157c88edc1895cd86f"
	published     = `{"fields":{"id":"12345","display_name":"Евгений","phone":"+78123855337","email":"abc@webim.ru"},"expires":1481195621,"hash":"` + publishedHash + `"}`
)

func signer(t testing.TB, s webim.Scheme) *webim.Signer {
	t.Helper()
	signer, err := webim.NewSigner(publishedKey, s)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func verifier(t testing.TB, s webim.Scheme, requireExpires bool) *webim.Verifier {
	t.Helper()
	v, err := webim.NewVerifier([]secret.Text{publishedKey}, s, requireExpires)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheSignatureIsThePublishedOne(t *testing.T) {
	t.Parallel()
	v, err := signer(t, webim.Scheme{}).Sign(publishedFields, publishedExpires)
	if err != nil || v.Signature != publishedHash {
		t.Errorf("%s, %v", v.Signature, err)
	}
	parsed, err := webim.Parse([]byte(published))
	if err != nil {
		t.Fatal(err)
	}
	before := publishedExpires.Add(-time.Second)
	if err := verifier(t, webim.Default, true).Verify(parsed, before); err != nil {
		t.Error(err)
	}
	if err := verifier(t, webim.Default, true).Verify(parsed, publishedExpires); !errors.Is(err, webim.ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
}

// Each breaks one rule of signing the published visitor. The signatures are made apart from the
// package: the standard library's digests of texts that are put together by hand.
func TestANearMissIsToldByTheRuleItBreaks(t *testing.T) {
	t.Parallel()
	key := publishedKey.Reveal()
	const sorted = "Евгенийabc@webim.ru12345+78123855337"
	cp1251, err := charmap.Windows1251.NewEncoder().String(sorted + "1481195621")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		signature string
		want      webim.Rule
	}{
		{mac(key, "12345Евгений+78123855337abc@webim.ru1481195621"), webim.RuleOrder},
		{mac(key, cp1251), webim.RuleCharset},
		{mac(unhex(t, key), sorted+"1481195621"), webim.RuleKeyAsHex},
		{mac(sorted+"1481195621", key), webim.RuleKeyFirst},
		{sha(key + sorted + "1481195621"), webim.RuleKeyFirst},
		{mac(key, sorted), webim.RuleExpiresLeftOut},
		{mac(key, "Евгенийabc@webim.ru1481195621"+"12345+78123855337"), webim.RuleExpiresInFields},
		{sha(sorted + "1481195621" + key), webim.RuleAlgorithm},
		{mac(key, "Евгений abc@webim.ru 12345 +78123855337 1481195621"), webim.RuleSeparators},
		{strings.ToUpper(publishedHash), webim.RuleHexCase},
		{mac(strings.ToUpper(key), sorted+"1481195621"), webim.RuleKeyCase},
		{mac("00000000000000000000000000000000", sorted+"1481195621"), webim.RuleUnknown},
		{"", webim.RuleUnknown},
	} {
		v, err := webim.Parse([]byte(strings.ReplaceAll(published, publishedHash, tt.signature)))
		if err != nil {
			t.Fatal(err)
		}
		err = verifier(t, webim.Default, true).Verify(v, publishedExpires.Add(-time.Minute))
		m, ok := errors.AsType[*webim.Mismatch](err)
		if !ok || m.Rule != tt.want || !errors.Is(err, webim.ErrSignature) || tt.signature == publishedHash {
			t.Errorf("want %s: %v", tt.want, err)
		}
		if got := webim.VendorError(err); got != "wrong-provided-visitor-hash-value" {
			t.Errorf("Webim calls it %s", got)
		}
	}
}

func TestVersionOneJoinsValuesInTheOrderOfNamesAndPutsTheKeyLast(t *testing.T) {
	t.Parallel()
	fields := webim.Fields{"id": "12345", "display_name": "Евгений", "phone": "+7 812 3855337", "email": "support@webim.ru"}
	const text = "Евгенийsupport@webim.ru12345+7 812 3855337" // from the vendor's page
	for _, tt := range []struct {
		scheme webim.Scheme
		want   string
	}{
		{webim.Scheme{Version: webim.V1, Algorithm: webim.MD5}, md5sum(text + publishedKey.Reveal())},
		{webim.Scheme{Version: webim.V1, Algorithm: webim.SHA256}, sha(text + publishedKey.Reveal())},
		{webim.Scheme{Version: webim.V1}, sha512sum(text + publishedKey.Reveal())},
		{webim.Scheme{Version: webim.V1, Algorithm: webim.MD5, Charset: webim.CP1251}, md5sum(encoded(t, charmap.Windows1251, text) + publishedKey.Reveal())},
		{webim.Scheme{Version: webim.V1, Algorithm: webim.MD5, Charset: webim.KOI8R}, md5sum(encoded(t, charmap.KOI8R, text) + publishedKey.Reveal())},
	} {
		v, err := signer(t, tt.scheme).Sign(fields, publishedExpires)
		if err != nil || v.Signature != tt.want || !v.Expires.IsZero() {
			t.Errorf("%+v: %s, %v", tt.scheme, v.Signature, err)
		}
		object, err := json.Marshal(v)
		if err != nil || !strings.Contains(string(object), `"crc":"`+tt.want+`"`) || strings.Contains(string(object), "expires") {
			t.Errorf("%+v: %s, %v", tt.scheme, object, err)
		}
		parsed, err := webim.Parse(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier(t, tt.scheme, false).Verify(parsed, time.Now()); err != nil {
			t.Errorf("%+v: %v", tt.scheme, err)
		}
		if err := verifier(t, tt.scheme, true).Verify(parsed, time.Now()); !errors.Is(err, webim.ErrExpiresMissing) {
			t.Errorf("%+v, where expires is required: %v", tt.scheme, err)
		}
	}
}

func TestACommentMayHaveLines(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"comment", "info"} {
		v, err := signer(t, webim.Default).Sign(webim.Fields{"id": "1", field: "one\r\ntwo\tthree"}, time.Now().Add(time.Hour))
		if err != nil {
			t.Errorf("%s: %v", field, err)
			continue
		}
		if err := verifier(t, webim.Default, true).Verify(v, time.Now()); err != nil {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestWhatCannotBeSignedNamesItsField(t *testing.T) {
	t.Parallel()
	v1, v2 := webim.Scheme{Version: webim.V1, Charset: webim.CP1251}, webim.Default
	for _, tt := range []struct {
		name   string
		scheme webim.Scheme
		fields webim.Fields
		field  string
		want   error
	}{
		{"no id", v2, webim.Fields{"email": "a@b.example"}, "id", webim.ErrNoID},
		{"an empty id", v2, webim.Fields{"id": ""}, "id", webim.ErrNoID},
		{"a field of one's own in 1.0", v1, webim.Fields{"id": "1", "city": "Москва"}, "city", webim.ErrUnknownField},
		{"a line break", v2, webim.Fields{"id": "1", "login": "a\nb"}, "login", webim.ErrControl},
		{"a zero byte", v2, webim.Fields{"id": "1\x00"}, "id", webim.ErrControl},
		{"broken UTF-8", v2, webim.Fields{"id": "1", "info": "\xff"}, "info", webim.ErrControl},
		{"1,001 characters", v2, webim.Fields{"id": "1", "info": strings.Repeat("я", 1001)}, "info", webim.ErrTooLong},
		{"a character that cp1251 lacks", v1, webim.Fields{"id": "1", "display_name": "Ευγένιος"}, "display_name", webim.ErrCharset},
		{"an invalid name", v2, webim.Fields{"id": "1", "a\tb": "c"}, "a\tb", webim.ErrFieldName},
	} {
		_, err := signer(t, tt.scheme).Sign(tt.fields, publishedExpires)
		e, ok := errors.AsType[*webim.FieldError](err)
		if !ok || e.Field != tt.field || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	v, err := signer(t, v2).Sign(webim.Fields{"id": "1", "email": "", "city": "Москва", "info": strings.Repeat("я", 1000)}, publishedExpires)
	if _, there := v.Fields["email"]; err != nil || there || v.Fields["city"] != "Москва" {
		t.Errorf("%+v, %v", v, err)
	}
	for _, key := range []string{"", "short", strings.Repeat("x", 32), publishedKey.Reveal() + "0", publishedKey.Reveal() + "\n"} {
		if _, err := webim.NewSigner(secret.New(key), webim.Default); !errors.Is(err, webim.ErrKey) || key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("the key %q: %v", key, err)
		}
	}
	for _, s := range []webim.Scheme{{Version: "3.0"}, {Algorithm: "crc32"}, {Version: webim.V1, Charset: "latin1"}, {Version: webim.V1, Algorithm: webim.HMACSHA256}, {Charset: webim.KOI8R}} {
		if _, err := webim.NewSigner(publishedKey, s); !errors.Is(err, webim.ErrScheme) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestAnObjectThatIsNoneIsNotRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		object string
		want   error
	}{
		{``, webim.ErrMalformed},
		{`null`, webim.ErrMalformed},
		{`[]`, webim.ErrMalformed},
		{`{"id":"1"}`, webim.ErrMalformed},
		{`{"id":1,"crc":"x"}`, webim.ErrMalformed},
		{`{"id":"1","crc":null}`, webim.ErrMalformed},
		{`{"id":"1","id":"2","crc":"x"}`, webim.ErrMalformed},
		{`{"fields":{"id":"1","id":"2"},"hash":"x"}`, webim.ErrMalformed},
		{`{"fields":{"id":"1"},"hash":"x","hash":"y"}`, webim.ErrMalformed},
		{`{"fields":{"id":"1"}}`, webim.ErrMalformed},
		{`{"fields":{"id":{}},"hash":"x"}`, webim.ErrMalformed},
		{`{"fields":{"id":"1"},"hash":"x","crc":"y"}`, webim.ErrMalformed},
		{`{"fields":{"id":"1"},"hash":"x","expires":null}`, nil},
		{`{"fields":{"id":"1"},"hash":"x"} {}`, webim.ErrMalformed},
		{`{"fields":{"id":"1"},"expires":"1481195621","hash":"x"}`, webim.ErrExpiresValue},
		{`{"fields":{"id":"1"},"expires":1481195621.0,"hash":"x"}`, webim.ErrExpiresValue},
		{`{"fields":{"id":"1"},"expires":0,"hash":"x"}`, webim.ErrExpiresValue},
		{`{"fields":{"id":"1"},"expires":-1,"hash":"x"}`, webim.ErrExpiresValue},
		{`{"fields":{"id":"` + strings.Repeat("x", 70_000) + `"},"hash":"x"}`, webim.ErrMalformed},
	} {
		if _, err := webim.Parse([]byte(tt.object)); !errors.Is(err, tt.want) {
			t.Errorf("%.80s: %v", tt.object, err)
		}
	}
}

// What is signed is ambiguous: the end of a value passes for expires. Requiring expires closes that.
func TestAnObjectWhoseValueEndsLikeExpiresIsNotBelievedWhereExpiresIsRequired(t *testing.T) {
	t.Parallel()
	v, err := webim.Parse([]byte(`{"fields":{"id":"12345","display_name":"Евгений","phone":"+781238553371481195621","email":"abc@webim.ru"},"hash":"` + publishedHash + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier(t, webim.Default, false).Verify(v, time.Now()); err != nil {
		t.Errorf("where it is not required: %v", err)
	}
	err = verifier(t, webim.Default, true).Verify(v, time.Now())
	if !errors.Is(err, webim.ErrExpiresMissing) || webim.VendorError(err) != "wrong-provided-visitor-expires-value" {
		t.Errorf("where it is: %v", err)
	}
}

func TestTheOrderOfFieldsDoesNotMatterAndEveryChangedByteDoes(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(publishedFields))
	check := verifier(t, webim.Default, true)
	now := publishedExpires.Add(-time.Minute)
	for range 50 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		var members []string
		for _, name := range names {
			members = append(members, fmt.Sprintf("%q:%q", name, publishedFields[name]))
		}
		v, err := webim.Parse([]byte(`{"hash":"` + publishedHash + `","fields":{` + strings.Join(members, ",") + `},"expires":1481195621}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := check.Verify(v, now); err != nil {
			t.Errorf("%v: %v", names, err)
		}
	}
	names = slices.Sorted(maps.Keys(publishedFields))
	for i := range len(published) {
		if slices.ContainsFunc(names, func(name string) bool {
			at := strings.Index(published, `"`+name+`"`)
			return i > at && i <= at+len(name)
		}) {
			continue // names are not signed: see Sign
		}
		for _, changed := range []byte{published[i] ^ 1, published[i] ^ 32} {
			object := []byte(published)
			object[i] = changed
			v, err := webim.Parse(object)
			if err == nil {
				err = check.Verify(v, now)
			}
			if err == nil {
				t.Errorf("%s is believed", object)
			}
		}
	}
}

func TestWhileAKeyIsBeingChangedBothAreBelieved(t *testing.T) {
	t.Parallel()
	next := secret.New("0123456789abcdef0123456789abcdef")
	both, err := webim.NewVerifier([]secret.Text{next, publishedKey}, webim.Default, true)
	if err != nil {
		t.Fatal(err)
	}
	other, err := webim.NewVerifier([]secret.Text{next}, webim.Default, true)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signer(t, webim.Default).Sign(publishedFields, publishedExpires)
	if err != nil {
		t.Fatal(err)
	}
	now := publishedExpires.Add(-time.Minute)
	if err := both.Verify(v, now); err != nil {
		t.Error(err)
	}
	if err := other.Verify(v, now); !errors.Is(err, webim.ErrSignature) {
		t.Errorf("by the other key alone: %v", err)
	}
	if _, err := webim.NewVerifier(nil, webim.Default, true); !errors.Is(err, webim.ErrKey) {
		t.Errorf("no key: %v", err)
	}
	v1, err := signer(t, webim.Scheme{Version: webim.V1}).Sign(publishedFields, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := both.Verify(v1, now); !errors.Is(err, webim.ErrVersion) {
		t.Errorf("the other version: %v", err)
	}
}

func TestALinkArrivesAsItWasMade(t *testing.T) {
	t.Parallel()
	v, err := signer(t, webim.Default).Sign(webim.Fields{"id": "1 2", "phone": "+7 812", "display_name": `Евгений "Женя" & Ко = 100%`}, publishedExpires)
	if err != nil {
		t.Fatal(err)
	}
	link := webim.Link{Visitor: &v, StartPage: &webim.StartPage{Title: "Главная страница + ещё", URL: "https://example.com/?a=b&c=d#e"}, Location: "mobile"}
	address, err := link.URL("https://acme.webim.ru")
	if err != nil {
		t.Fatal(err)
	}
	query, ok := strings.CutPrefix(address, "https://acme.webim.ru/webim/client.php?")
	if !ok || strings.ContainsAny(query, "+ \"") {
		t.Errorf("the address is %s", address)
	}
	for name, q := range map[string]string{"as made": query, "with + for spaces": strings.ReplaceAll(query, "%20", "+")} {
		got, err := webim.ParseLink(q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if *got.StartPage != *link.StartPage || got.Location != "mobile" || !maps.Equal(got.Visitor.Fields, v.Fields) {
			t.Errorf("%s: %+v", name, got)
		}
		if err := verifier(t, webim.Default, true).Verify(*got.Visitor, publishedExpires.Add(-time.Minute)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The two links of the vendor's page.
	for query, want := range map[string]string{
		`provided-visitor=%7B%22id%22%3A+%2212345%22%2C%22display_name%22%3A+%22Eugeny%22%2C%22phone%22%3A%22%2B7+812+3855337%22%2C%22email%22%3A%22support%40webim.ru%22%2C%22crc%22%3A%22cdc2c8b0542897dd311fe85754479860%22%7D`: "+7 812 3855337",
		`start-page=%7B%22title%22%3A%22%D0%93%D0%BB%D0%B0%D0%B2%D0%BD%D0%B0%D1%8F%20%D1%81%D1%82%D1%80%D0%B0%D0%BD%D0%B8%D1%86%D0%B0%22%2C%22url%22%3A%22http%3A%2F%2Fexample.com%22%7D`:                                          "Главная страница",
	} {
		l, err := webim.ParseLink(query)
		if err != nil || l.Visitor != nil && l.Visitor.Fields["phone"] != want || l.StartPage != nil && l.StartPage.Title != want || l.Visitor == nil && l.StartPage == nil {
			t.Errorf("%s: %+v, %v", query, l, err)
		}
	}
	for _, query := range []string{"%zz", "start-page=nonsense", "location=a/b"} {
		if _, err := webim.ParseLink(query); !errors.Is(err, webim.ErrLink) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if address, err := (webim.Link{}).URL("https://acme.webim.ru"); err != nil || address != "https://acme.webim.ru/webim/client.php" {
		t.Errorf("%s, %v", address, err)
	}
}

func TestAWebhookIsBelievedOnlyWithTheAccountsSignature(t *testing.T) {
	t.Parallel()
	const chat = `{"id":7,"visitor":{"fields":{"name":"Евгений"}}}`
	key := publishedKey.Reveal()
	next := secret.New("0123456789abcdef0123456789abcdef")
	for _, tt := range []struct {
		name string
		hook webim.Webhook
		want bool
	}{
		{"versions 2 and 3", webim.Webhook{Chat: chat, CRC: md5sum(chat + key)}, true},
		{"version 4", webim.Webhook{Chat: chat, Signature: mac(key, chat)}, true},
		{"both", webim.Webhook{Chat: chat, CRC: md5sum(chat + key), Signature: mac(key, chat)}, true},
		{"the next key", webim.Webhook{Chat: chat, Signature: mac(next.Reveal(), chat)}, true},
		{"two keys at once", webim.Webhook{Chat: chat, CRC: md5sum(chat + key), Signature: mac(next.Reveal(), chat)}, false},
		{"a right crc beside a wrong signature", webim.Webhook{Chat: chat, CRC: md5sum(chat + key), Signature: mac(key, "x")}, false},
		{"another key", webim.Webhook{Chat: chat, Signature: mac("00000000000000000000000000000000", chat)}, false},
		{"another chat", webim.Webhook{Chat: chat + " ", Signature: mac(key, chat)}, false},
		{"none", webim.Webhook{Chat: chat}, false},
		{"md5 of the key and the chat", webim.Webhook{Chat: chat, CRC: md5sum(key + chat)}, false},
	} {
		if err := tt.hook.Verify([]secret.Text{next, publishedKey}); (err == nil) != tt.want || err != nil && !errors.Is(err, webim.ErrWebhook) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for _, version := range []int{2, 3, 4} {
		w, err := webim.SignWebhook(version, chat, publishedKey)
		if err != nil || w.Verify([]secret.Text{publishedKey}) != nil || (version == 4) != (w.CRC == "") {
			t.Errorf("version %d: %+v, %v", version, w, err)
		}
	}
	if err := (webim.Webhook{}).Verify([]secret.Text{secret.New("")}); !errors.Is(err, webim.ErrKey) {
		t.Errorf("an empty key: %v", err)
	}
}

func FuzzVisitor(f *testing.F) {
	f.Add(published)
	f.Add(`{"id":"1","crc":"x"}`)
	check := verifier(f, webim.Default, true)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := webim.Parse([]byte(text))
		if err != nil {
			return
		}
		if err := check.Verify(v, publishedExpires.Add(-time.Minute)); err == nil && (v.Signature != publishedHash || v.Fields["id"] != "12345") {
			t.Errorf("%q is believed", text)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := webim.Parse(again); err != nil || second.Signature != v.Signature || !maps.Equal(second.Fields, v.Fields) {
			t.Errorf("%q becomes %q: %v", text, again, err)
		}
	})
}

// The aim is under 10 µs.
func BenchmarkSigning(b *testing.B) {
	s := signer(b, webim.Default)
	for b.Loop() {
		if _, err := s.Sign(publishedFields, publishedExpires); err != nil {
			b.Fatal(err)
		}
	}
}
