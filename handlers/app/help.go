package app

import (
	"maps"

	"github.com/alecthomas/kong"
)

// helped are settings with texts that are too long for a field's tag, by the names that stand there.
type helped interface{ help() kong.Vars }

// Help are the texts of all flags, as far as the fields' tags only name them.
func Help() kong.Vars {
	all := kong.Vars{"vendors": VendorNames()}
	for _, texts := range []kong.Vars{settingsHelp, sandboxHelp, checkHelp, usersHelp, databaseHelp} {
		maps.Copy(all, texts)
	}
	for _, s := range new(Vendors).each() {
		if with, ok := s.(helped); ok {
			maps.Copy(all, with.help())
		}
	}
	return all
}
