package app

import (
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// texts are what --help says of flags, by the names that stand in the fields' tags: a tag cannot be broken into lines.
type texts map[string]string

// helped are settings with such texts. A flag that `kabinet sandbox` has as well has its text there under the command
// and its name.
type helped interface{ help() texts }

// Help puts the texts in the place of their names, and leaves `kabinet sandbox` few of the vendors' flags.
func Help(k *kong.Kong) error {
	all := texts{}
	for _, own := range []texts{settingsHelp, sandboxHelp, checkHelp, compareHelp, usersHelp, databaseHelp, keepHelp,
		brandHelp} {
		maps.Copy(all, own)
	}
	for _, s := range new(Vendors).each() {
		if with, ok := s.(helped); ok {
			maps.Copy(all, with.help())
		}
	}
	say := func(help *string) {
		if text := all[*help]; text != "" {
			*help = strings.ReplaceAll(text, "${vendors}", VendorNames())
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

// leaveSandboxes leaves a command, of the flags that are set somewhere in its Vendors, those that have a text about
// the sandbox. What is not left is read from nowhere: not from the environment either.
func leaveSandboxes(command *kong.Node, all texts) {
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
