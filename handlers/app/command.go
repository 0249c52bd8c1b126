package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Command is what a command line asks for. Besides a type with Run it may be a struct of settings, which whoever has
// parsed it runs.
type Command interface {
	// Run does it, and prints what it did.
	Run(ctx context.Context, out io.Writer) error
}

// Parse reads a command line into a pointer to a struct of commands. It returns which command was chosen, a pointer to
// the field that is filled in for it, nil where only help was asked for, and an error that says how to mend the line.
//
// Tags of fields say the rest. A field with cmd is a command, or a struct of such. A field with help is a flag, which
// has to be given with required, or with arg an argument, which need not be given with optional. name and short are
// its names, default and enum its values, env the variable that is read where there is no flag, and placeholder what
// stands for its value in the help. The fields of a struct with embed, and of an embedded one, belong to the command;
// prefix begins the names of their flags, and group is their heading.
func Parse(commands any, program, about string, arguments []string) (chosen any, err error) {
	texts, err := helpTexts()
	if err != nil {
		return nil, err
	}
	root := &cobra.Command{Use: program, Long: about, SilenceErrors: true, SilenceUsage: true}
	cobra.EnableCommandSorting = false
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true}) // --help is enough
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { _, err = io.WriteString(os.Stdout, helpOf(c)) })
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		// What begins with one hyphen may be a password that was to be asked for.
		if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() != "" {
			err = errors.New("there is an unknown short flag")
		}
		return seeHelp(c, err)
	})
	b := &commandBuilder{texts: texts}
	needCommand(root)
	if err := b.addCommands(root, reflect.ValueOf(commands).Elem()); err != nil {
		return nil, err
	}
	root.SetArgs(arguments)
	failed := root.Execute()
	return b.chosen, errors.Join(failed, err)
}

// seeHelp says with an error where the help is that leads on from it.
func seeHelp(c *cobra.Command, err error) error {
	return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
}

// commandBuilder makes commands of structs.
type commandBuilder struct {
	texts  map[string]string
	chosen any
}

// needCommand makes a command one that does nothing but lead to others: without one of them it fails.
func needCommand(c *cobra.Command) {
	c.SuggestionsMinimumDistance = 2
	c.Args = func(c *cobra.Command, given []string) error {
		if len(given) == 0 {
			return nil
		}
		err := fmt.Errorf("there is no command %q", given[0])
		if like := c.SuggestionsFor(given[0]); len(like) > 0 {
			err = fmt.Errorf("%w: did you mean %s?", err, strings.Join(like, " or "))
		}
		return seeHelp(c, err)
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return seeHelp(c, errors.New("a command is missing")) }
}

func (b *commandBuilder) addCommands(to *cobra.Command, of reflect.Value) error {
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		if _, ok := field.Tag.Lookup("cmd"); !ok {
			continue
		}
		help := b.text(field.Tag.Get("help"))
		c := &cobra.Command{Use: nameOfField(field), Long: help}
		to.AddCommand(c)
		if hasCommands(value.Type()) {
			needCommand(c)
			if err := b.addCommands(c, value); err != nil {
				return err
			}
			continue
		}
		if err := b.addSettings(c, value); err != nil {
			return err
		}
	}
	return nil
}

func hasCommands(t reflect.Type) bool {
	return slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
		_, ok := f.Tag.Lookup("cmd")
		return ok
	})
}

// addSettings gives a command the flags and arguments of a struct. When it is chosen, the variables are read of those
// flags that the line does not have.
func (b *commandBuilder) addSettings(c *cobra.Command, of reflect.Value) error {
	c.Flags().SortFlags = false
	var arguments []*setting
	err := b.eachSetting(of, setting{}, func(s *setting) error {
		if s.isArgument {
			arguments = append(arguments, s)
			c.Use += " " + s.shownAsArgument()
			return s.begin()
		}
		// `kabinet sandbox` has, of the vendors' flags, those only that have a text about the sandbox. Another one is
		// read from nowhere, whatever real account the environment names.
		if s.ofVendors && c.Name() == "sandbox" {
			text, ok := b.texts["sandbox --"+s.name]
			if !ok {
				return nil
			}
			s.help, s.placeholder = text, ""
		}
		flag := c.Flags().VarPF(s, s.name, s.short, s.usage())
		flag.Annotations = map[string][]string{groupOfFlag: {s.group}}
		if s.field.Kind() == reflect.Bool {
			flag.NoOptDefVal = "true"
		}
		if s.isRequired {
			c.Use += " --" + s.name + " " + s.placeholder
		}
		return s.begin()
	})
	c.Annotations = map[string]string{argumentsOfCommand: usageOfArguments(arguments)}
	c.Args = func(c *cobra.Command, given []string) error {
		if err := setArguments(arguments, given); err != nil {
			return seeHelp(c, err)
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		b.chosen = of.Addr().Interface()
		var err error
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if s, ok := f.Value.(*setting); ok && !f.Changed && err == nil {
				err = s.readEnvironment()
			}
		})
		if err != nil {
			return seeHelp(c, err)
		}
		return nil
	}
	return err
}

// eachSetting calls add for each field of a struct that is a setting, and of those in it.
func (b *commandBuilder) eachSetting(of reflect.Value, outer setting, add func(*setting) error) error {
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		tag := field.Tag
		_, embedded := tag.Lookup("embed")
		if embedded || field.Anonymous {
			inner := setting{prefix: outer.prefix + tag.Get("prefix"), group: cmp.Or(tag.Get("group"), outer.group)}
			inner.ofVendors = outer.ofVendors || value.Type() == reflect.TypeFor[Vendors]()
			if err := b.eachSetting(value, inner, add); err != nil {
				return err
			}
			continue
		}
		if tag.Get("help") == "" {
			continue
		}
		s := outer
		s.field, s.name, s.help = value, outer.prefix+nameOfField(field), b.text(tag.Get("help"))
		s.short, s.variable, s.placeholder = tag.Get("short"), tag.Get("env"), tag.Get("placeholder")
		s.byDefault, s.group = tag.Get("default"), cmp.Or(tag.Get("group"), outer.group)
		if enum := tag.Get("enum"); enum != "" {
			s.enum = strings.Split(enum, ",")
		}
		_, s.isArgument = tag.Lookup("arg")
		_, s.isOptional = tag.Lookup("optional")
		_, s.isRequired = tag.Lookup("required")
		if err := add(&s); err != nil {
			return err
		}
	}
	return nil
}

// text is what the help says where a tag has its name, or the tag's own words.
func (b *commandBuilder) text(help string) string {
	if text := b.texts[help]; text != "" {
		return text
	}
	return help
}

var betweenWords = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func nameOfField(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	return strings.ToLower(betweenWords.ReplaceAllString(f.Name, "$1-$2"))
}
