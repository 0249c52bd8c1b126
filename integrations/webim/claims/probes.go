package claims

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/webim"
)

// vendor is Webim as the probes ask it.
type vendor struct{ Account }

// believed is how a visitor is taken whose identity is proven.
const believed = "believed"

// The visitor that the probes show.
const id, name = "kabinet-compare-0000", "Kabinet compare"

// Button asks for the script that brings the chat to a page.
func (a Account) Button(ctx context.Context) (claim.Answer, error) {
	return a.Asker.Get(ctx, a.Account.Button())
}

// init makes the mobile protocol's first call with a visitor object.
func (v *vendor) init(ctx context.Context, object string) (claim.Answer, map[string]any, error) {
	query := url.Values{"event": {"init"}, "visitor-ext": {object}, "title": {name}, "platform": {"ios"},
		"location": {"default"}}
	a, err := v.Asker.Get(ctx, v.Account.Account.Origin()+"/l/v/m/init?"+query.Encode())
	answer, _ := a.Object()
	return a, answer, err
}

// errorPattern is what the mobile protocol's errors are called.
var errorPattern = regexp.MustCompile(`^[a-z]+(-[a-z]+){0,8}$`)

// taken says how a visitor object was.
func (v *vendor) taken(ctx context.Context, object string) (string, error) {
	a, answer, err := v.init(ctx, object)
	if err != nil {
		return "", err
	}
	if problem, ok := answer["error"].(string); ok && errorPattern.MatchString(problem) {
		return fmt.Sprintf("%d %s", a.Status, problem), nil
	}
	if visitorOf(answer)["hasProvidedFields"] == true {
		return believed, nil
	}
	return claim.Is(visitorOf(answer) != nil, "anonymous", a.String()), nil
}

func visitorOf(answer map[string]any) map[string]any {
	update, _ := answer["fullUpdate"].(map[string]any)
	visitor, _ := update["visitor"].(map[string]any)
	return visitor
}

// signed is a visitor object that holds for as long.
func (v *vendor) signed(fields webim.Fields, life time.Duration) (string, error) {
	fields["id"] = id
	expires := time.Time{}
	if life != 0 {
		expires = v.Now().Add(life)
	}
	visitor, err := v.Signer.Sign(fields, expires)
	if err != nil {
		return "", err
	}
	object, err := json.Marshal(visitor)
	return string(object), err
}

// try says how a visitor object is taken; replaced are pairs, old and new, that are exchanged in the signed object.
func (v *vendor) try(
	ctx context.Context, fields webim.Fields, life time.Duration, replaced ...string,
) (string, error) {
	object, err := v.signed(fields, life)
	if err != nil {
		return "", err
	}
	return v.taken(ctx, strings.NewReplacer(replaced...).Replace(object))
}

func (v *vendor) tenFields(ctx context.Context) (string, error) {
	return v.try(ctx, webim.Fields{
		"display_name": name, "phone": "1", "email": "compare@example.org", "icq": "1", "login": "compare",
		"profile_url": "https://example.org/", "avatar_url": "https://example.org/a.png", "comment": "compare",
		"info": "compare",
	}, time.Minute)
}

func (v *vendor) signature(ctx context.Context) (string, error) {
	return v.try(ctx, webim.Fields{"display_name": "Сравнение", "comment": "a"}, time.Minute)
}

func (v *vendor) lines(ctx context.Context) (string, error) {
	return v.try(ctx, webim.Fields{"display_name": name, "comment": "a\nb\tc"}, time.Minute)
}

// needsEnds is for what only version 2.0 can say.
func (v *vendor) needsEnds() error {
	return claim.When(v.Signer.Scheme().Version != webim.V2, claim.NotConfigured)
}

func (v *vendor) noEnd(ctx context.Context) (string, error) {
	if err := v.needsEnds(); err != nil {
		return "", err
	}
	return v.try(ctx, webim.Fields{"display_name": name}, 0, `"hash"`, `"expires":null,"hash"`)
}

func (v *vendor) farEnd(ctx context.Context) (string, error) {
	if err := v.needsEnds(); err != nil {
		return "", err
	}
	seen, err := v.try(ctx, webim.Fields{"display_name": name}, 365*24*time.Hour)
	return claim.Is(seen == "200 wrong-provided-visitor-expires-value", "refused", seen), err
}

// mobile shows a visitor with another's signature, and one whose time is over.
func (v *vendor) mobile(ctx context.Context) (string, error) {
	if err := v.needsEnds(); err != nil {
		return "", err
	}
	bad, err := v.try(ctx, webim.Fields{"display_name": name}, time.Minute, name, "Somebody else")
	if err != nil {
		return "", err
	}
	over, err := v.try(ctx, webim.Fields{"display_name": name}, -time.Hour)
	return bad + ", " + over, err
}

var digits32 = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (v *vendor) ids(ctx context.Context) (string, error) {
	object, err := v.signed(webim.Fields{"display_name": name}, time.Minute)
	if err != nil {
		return "", err
	}
	_, answer, err := v.init(ctx, object)
	visitor := visitorOf(answer)
	own, _ := visitor["id"].(string)
	fields, _ := visitor["fields"].(map[string]any)
	return claim.Is(digits32.MatchString(own), "32 hexadecimal digits, ", "another id, ") +
		claim.Is(fields["name"] == name, "name", "no name"), err
}

// link opens the chat's page by an address in both of the documented encodings, as nobody.
func (v *vendor) link(ctx context.Context) (string, error) {
	start := url.Values{"start-page": {`{"title":"Kabinet compare","url":"https://example.org/"}`}}.Encode()
	plus, err := v.opens(ctx, start)
	if err != nil {
		return "", err
	}
	percent, err := v.opens(ctx, strings.ReplaceAll(start, "+", "%20"))
	return plus + ", " + percent, err
}

func (v *vendor) opens(ctx context.Context, query string) (string, error) {
	a, err := v.Asker.Get(ctx, v.Account.Account.Origin()+"/webim/client.php?"+query)
	return claim.Is(a.Status == 200 && a.Kind() == "text/html", "a page", a.String()), err
}

func (v *vendor) location(ctx context.Context) (string, error) {
	return v.opens(ctx, "location=default")
}

func (v *vendor) picture(ctx context.Context) (claim.Answer, error) {
	return v.Asker.Get(ctx, v.Account.Account.Origin()+"/button.php")
}

func (v *vendor) page(ctx context.Context) (string, error) {
	script, err := v.Button(ctx)
	if err != nil {
		return "", err
	}
	picture, err := v.picture(ctx)
	return claim.Is(IsScript(script), "a script, ", script.String()+", ") +
		claim.Is(picture.Status == 200 && strings.HasPrefix(picture.Kind(), "image/"), "a picture",
			picture.String()), err
}

// IsScript reports whether an answer is the chat's script.
func IsScript(a claim.Answer) bool {
	return a.Status == 200 && strings.Contains(a.Kind(), "javascript")
}

func (v *vendor) onlineStatus(ctx context.Context) (string, error) {
	a, err := v.Asker.Get(ctx, v.Account.Account.Origin()+"/webim/online-status")
	if err != nil {
		return "", err
	}
	picture, err := v.picture(ctx)
	return a.String() + ", " + picture.Kind(), err
}
