package app

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/go-json-experiment/json"
)

// helpFiles are what --help says, by the names that stand in the fields' tags: a tag cannot be broken into lines. A
// flag of a vendor's that `kabinet sandbox` has as well has its text there under the command and its name.
//
//go:embed help/*.json
var helpFiles embed.FS

// Help puts the texts in the place of their names, and leaves `kabinet sandbox` few of the vendors' flags.
func Help(k *kong.Kong) error {
	all, err := helpTexts()
	if err != nil {
		return err
	}
	names := VendorNames()
	say := func(help *string) {
		if text := all[*help]; text != "" {
			*help = strings.ReplaceAll(text, "${vendors}", names)
		}
	}
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Flag:
			say(&node.Help)
		case *kong.Node:
			say(&node.Help)
			for _, argument := range node.Positional {
				say(&argument.Help)
			}
			if node.Name == "sandbox" {
				leaveSandboxes(node, all)
			}
		}
		return next(nil)
	})
}

func helpTexts() (map[string]string, error) {
	files, err := fs.Glob(helpFiles, "help/*.json")
	all := map[string]string{}
	for _, name := range files {
		b, readErr := helpFiles.ReadFile(name)
		err = errors.Join(err, readErr, json.Unmarshal(b, &all)) // into those that are there already
	}
	return all, err
}

// leaveSandboxes leaves a command, of the flags that are set somewhere in its Vendors, those that have a text about
// the sandbox. What is not left is read from nowhere: not from the environment either.
func leaveSandboxes(command *kong.Node, all map[string]string) {
	vendors := command.Target.FieldByName("Vendors")
	first := vendors.UnsafeAddr()
	command.Flags = slices.DeleteFunc(command.Flags, func(f *kong.Flag) bool {
		if at := f.Target.UnsafeAddr(); at < first || at >= first+vendors.Type().Size() {
			return false
		}
		f.Help, f.PlaceHolder = all["sandbox --"+f.Name], ""
		return f.Help == ""
	})
}
