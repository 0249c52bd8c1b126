package app

import (
	"maps"
	"strings"

	"github.com/alecthomas/kong"
)

// texts are what --help says of flags, by the names that stand in the fields' tags: a tag cannot be broken into lines.
type texts map[string]string

// helped are settings with such texts.
type helped interface{ help() texts }

// Help puts the texts in the place of their names.
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
	say := func(v *kong.Value) {
		if text := all[v.Help]; text != "" {
			v.Help = strings.ReplaceAll(text, "${vendors}", VendorNames())
		}
	}
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Flag:
			say(node.Value)
		case *kong.Node:
			if text := all[node.Help]; text != "" {
				node.Help = text
			}
			for _, argument := range node.Positional {
				say(argument)
			}
		}
		return next(nil)
	})
}
