package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
)

// Connect is what a sandbox tells those who write a client in another language: blocks of code that run as they stand.
type Connect struct {
	// Blocks has connect/curl.sh, connect/python.py and connect/php.php, as far as there are such; nil for none. They
	// have {{address}} where the sandbox is, {{host "…"}} for the header Host, and {{value "…"}}, each a literal of
	// the block's language; {{environment "…"}} is its text where a value is read from the environment, else nothing.
	Blocks fs.FS
	// Hosts are the names of the vendor's hosts, by what the blocks call them.
	Hosts map[string]string
	// Values are what the sandbox goes by just now.
	Values func() []Value
	// Notes are said above the blocks; nil for none.
	Notes func(*catalogue.Texts) []string
}

// Value is something that the blocks need. It is printed only where it is what everybody may know, as the page asks
// nobody who they are: otherwise the block reads the variable of the environment.
type Value struct {
	Variable string
	Text     secret.Text
	Public   string
}

// Plain is a value that is no credential.
func Plain(variable, text string) Value { return Value{variable, secret.New(text), text} }

func (v Value) isPublic() bool { return v.Text.Equal(v.Public) }

// interpreter is what there are blocks for.
type interpreter struct {
	Name, File, Run string
	literal         func(string) string
	environment     string // how a variable of the environment is read
}

var interpreters = []interpreter{
	{"curl", "curl.sh", "sh", func(s string) string {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}, `"$%s"`},
	{"Python", "python.py", "python3", strconv.Quote, `os.environ["%s"]`},
	{"PHP", "php.php", "php", func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}, `getenv('%s')`},
}

// block is code with everything filled in.
type block struct {
	interpreter
	Code string
}

// askedKey is where a request's context has the host that was asked.
type askedKey struct{}

// AskAs returns a request as if it were for another host. The page about clients still tells by which one the sandbox
// was asked.
func AskAs(r *http.Request, host string) *http.Request {
	as := r.Clone(context.WithValue(r.Context(), askedKey{}, r.Host))
	as.Host = host
	return as
}

func askedHost(r *http.Request) string {
	if asked, ok := r.Context().Value(askedKey{}).(string); ok {
		return asked
	}
	return r.Host
}

// place is where a client finds a sandbox.
type place struct {
	Address string            // http://127.0.0.1:8081
	Command string            // begins the sandbox alone
	hosts   map[string]string // what the header Host is for each of the vendor's hosts
	port    string            // with its colon; may be empty
}

// hostPattern is what may get into code that people run: a browser asks by stranger names than these.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?$`)

// place is made out of the host that was asked: one of the vendor's names is asked for at this machine, since a
// resolver need not know it; any other name is a sandbox's that takes all.
func (c Connect) place(asked string) (place, error) {
	if len(asked) > 259 || !hostPattern.MatchString(asked) { // a name of DNS and a port
		return place{}, errors.New("the Host of the request is no host name")
	}
	p := place{Address: "http://" + asked, hosts: map[string]string{}}
	if _, port, err := net.SplitHostPort(asked); err == nil {
		p.port = ":" + port
	}
	own := slices.Contains(slices.Collect(maps.Values(c.Hosts)), outgoing.Hostname(asked))
	if own {
		p.Address = "http://127.0.0.1" + p.port
	}
	for side, name := range c.Hosts {
		p.hosts[side] = asked
		if own {
			p.hosts[side] = name + p.port
		}
	}
	return p, nil
}

// resolve is how curl is told where the vendor's names are.
func (c Connect) resolve(p place) []string {
	var all []string
	port := cmp.Or(strings.TrimPrefix(p.port, ":"), "80")
	for _, name := range slices.Sorted(maps.Values(c.Hosts)) {
		all = append(all, "--resolve "+name+":"+port+":127.0.0.1")
	}
	return all
}

// blocks are filled in for a place.
func (c Connect) blocks(p place) ([]block, error) {
	if c.Blocks == nil {
		return nil, nil
	}
	values := map[string]Value{}
	hidden := false
	for _, v := range c.Values() {
		values[v.Variable] = v
		hidden = hidden || !v.isPublic()
	}
	var all []block
	for _, i := range interpreters {
		code, err := fs.ReadFile(c.Blocks, "connect/"+i.File)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		filled, err := fill(string(code), map[string]func(string) (string, error){
			"address": func(string) (string, error) { return i.literal(p.Address), nil },
			"environment": func(text string) (string, error) {
				if !hidden {
					return "", nil
				}
				return text, nil
			},
			"host": func(side string) (string, error) {
				if p.hosts[side] == "" {
					return "", fmt.Errorf("there is no host %q", side)
				}
				return i.literal(p.hosts[side]), nil
			},
			"value": func(variable string) (string, error) {
				v, ok := values[variable]
				switch {
				case !ok:
					return "", fmt.Errorf("there is no value %q", variable)
				case v.isPublic():
					return i.literal(v.Public), nil
				}
				return fmt.Sprintf(i.environment, v.Variable), nil
			},
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.File, err)
		}
		all = append(all, block{i, strings.TrimSpace(filled)})
	}
	return all, nil
}

// gap is what is filled in: {{name}}, or {{name "text"}} with the text as Go quotes it. Braces that are neither match
// without a name, so that they are an error.
var gap = regexp.MustCompile(`\{\{(?:(\w+)(?: ("(?:[^"\\]|\\.)*"))?\}\})?`)

// fill fills the gaps of a block by their names. It is not text/template, which keeps the methods of every type in the
// binary, since a template may name any: an eighth of its size, and of the memory at rest.
func fill(code string, by map[string]func(string) (string, error)) (string, error) {
	var wrong error
	filled := gap.ReplaceAllStringFunc(code, func(found string) string {
		parts := gap.FindStringSubmatch(found)
		of, ok := by[parts[1]]
		if !ok {
			wrong = errors.Join(wrong, fmt.Errorf("%s: there is nothing of this name", found))
			return found
		}
		quoted, err := strconv.Unquote(cmp.Or(parts[2], `""`))
		if err == nil {
			quoted, err = of(quoted)
		}
		wrong = errors.Join(wrong, err)
		return quoted
	})
	return filled, wrong
}

func (f *Frame) notes(t *catalogue.Texts) []string {
	if f.Connect.Notes == nil {
		return nil
	}
	return f.Connect.Notes(t)
}

func (f *Frame) connect(w http.ResponseWriter, r *http.Request) {
	where, err := f.Connect.place(askedHost(r))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	blocks, err := f.Connect.blocks(where)
	if err != nil {
		f.Log.Error("filling in the blocks for clients", "vendor", f.Vendor, "error", err)
		http.Error(w, "the blocks cannot be filled in; the log says why", http.StatusInternalServerError)
		return
	}
	p := f.Page(r, "sandbox.connect")
	where.Command = "kabinet sandbox " + strings.ToLower(f.Vendor)
	f.Show(w, r, http.StatusOK, connectPage(p, where, f.Connect.resolve(where), f.notes(p.Texts), blocks))
}
