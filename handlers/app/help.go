package app

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpFiles are what --help says, by the names that stand in the fields' tags: a tag cannot be broken into lines. A
// flag of a vendor's that `kabinet sandbox` has as well has its text there under the command and its name.
//
//go:embed help/*.json
var helpFiles embed.FS

func helpTexts() (map[string]string, error) {
	files, err := fs.Glob(helpFiles, "help/*.json")
	all := map[string]string{}
	for _, name := range files {
		b, readErr := helpFiles.ReadFile(name)
		err = errors.Join(err, readErr, json.Unmarshal(b, &all)) // into those that are there already
	}
	return all, err
}

// helpWidth is in columns.
const helpWidth = 100

// What the help finds at a flag and at a command.
const (
	groupOfFlag        = "group"
	argumentsOfCommand = "arguments"
)

// helpOf is what a command says of itself with --help.
func helpOf(c *cobra.Command) string {
	var b strings.Builder
	usage := c.UseLine()
	if c.HasSubCommands() {
		usage = c.CommandPath() + " <command>"
	}
	fmt.Fprintf(&b, "Usage: %s\n\n%s\n", usage, c.Long)
	if arguments := c.Annotations[argumentsOfCommand]; arguments != "" {
		b.WriteString("\nArguments:\n" + arguments)
	}
	if c.HasSubCommands() {
		b.WriteString("\nCommands:\n" + usageOfCommands(c))
		fmt.Fprintf(&b, "\nRun \"%s <command> --help\" for more about a command.\n", c.CommandPath())
	}
	groups := map[string]*pflag.FlagSet{}
	var titles []string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		title := "Flags:"
		if group := f.Annotations[groupOfFlag]; len(group) > 0 && group[0] != "" {
			title = group[0]
		}
		if groups[title] == nil {
			groups[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			groups[title].SortFlags = false
			titles = append(titles, title)
		}
		groups[title].AddFlag(f)
	})
	for _, title := range titles {
		b.WriteString("\n" + title + "\n" + groups[title].FlagUsagesWrapped(helpWidth))
	}
	return b.String()
}

func usageOfArguments(arguments []*setting) string {
	var b strings.Builder
	for _, s := range arguments {
		writeEntry(&b, s.shownAsArgument(), s.help)
	}
	return b.String()
}

func usageOfCommands(of *cobra.Command) string {
	var b strings.Builder
	for _, c := range of.Commands() {
		if c.IsAvailableCommand() {
			writeEntry(&b, c.Name(), c.Long)
		}
	}
	return b.String()
}

// writeEntry writes a name and, beside it, its text in as many lines as that takes.
func writeEntry(b *strings.Builder, name, text string) {
	text = strings.ReplaceAll(text, "${vendors}", VendorNames())
	line := fmt.Sprintf("  %-22s", name)
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > helpWidth {
			b.WriteString(line + "\n")
			line = strings.Repeat(" ", 24)
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
