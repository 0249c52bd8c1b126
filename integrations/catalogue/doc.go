// Package catalogue holds the texts that people read, in Russian and English. The texts
// stand in files named catalogue/<owner>.<language>.json: an entry is a text, or its plural forms (one, few, many,
// other). The portal, each vendor and each sandbox have files of their own. Load fails when a key is missing in one
// language.
package catalogue
