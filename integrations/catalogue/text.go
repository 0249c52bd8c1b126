package catalogue

// Text is a text before anybody reads it: a key with its parameters, or words that are the same in every language,
// such as an error as the log has it. The zero value says nothing.
type Text struct {
	Key        string
	Parameters map[string]any
	Verbatim   string
}

// Of returns the text in the language.
func (t *Texts) Of(text Text) string {
	switch {
	case text.Key == "":
		return text.Verbatim
	case text.Parameters == nil:
		return t.T(text.Key)
	}
	return t.With(text.Key, text.Parameters)
}
