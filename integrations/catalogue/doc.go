// Package catalogue holds the texts that people read, in Russian and English. The texts
// stand in files named catalogue/<owner>.<language>.json, in go-i18n's format; the portal, each
// vendor and each sandbox have files of their own. Load fails when a key is missing in one language.
package catalogue
