package sandbox

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"kabinet/integrations/catalogue"
)

// sendPDF sends a document as a file to keep.
func (s *Sandbox) sendPDF(w http.ResponseWriter, t *catalogue.Texts, d sent, stamped bool) {
	b, err := paper(t, d, stamped)
	if err != nil {
		s.config.Log.Error("making a PDF", "error", err)
		http.Error(w, "the PDF could not be made", http.StatusInternalServerError)
		return
	}
	name := d.Type + "-" + strings.ReplaceAll(d.Number, "/", "-") + ".pdf"
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b) // the client may be gone; there is nobody to tell
}

// paper is a document on a page of paper. The fonts are Go's own, which have Cyrillic letters.
func paper(t *catalogue.Texts, d sent, stamped bool) ([]byte, error) {
	d.client.Name = strings.Map(printable, d.client.Name)
	const font, left, width = "go", 20.0, 170.0
	p := fpdf.New("P", "mm", "A4", "")
	p.SetTitle(t.T("document."+d.Type)+" "+d.Number, true)
	p.SetCreationDate(d.At)
	p.SetModificationDate(d.At)
	p.AddUTF8FontFromBytes(font, "", goregular.TTF)
	p.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	p.SetMargins(left, 20, left)
	p.AddPage()

	line := func(style string, size float64, text string) {
		p.SetFont(font, style, size)
		p.MultiCell(width, size*0.55, text, "", "L", false)
		p.Ln(2)
	}
	line("", 9, t.T("pdf.sandbox"))
	p.Ln(6)
	line("B", 18, t.With("pdf.title", map[string]any{"Type": t.T("document." + d.Type), "Number": d.Number,
		"Date": t.Date(d.At)}))
	line("", 11, t.T("pdf.seller"))
	line("", 11, t.With("pdf.buyer", map[string]any{"Name": d.client.Name, "Account": d.client.AccountNumber}))
	p.Ln(6)
	for i, row := range [][2]string{
		{t.T("column.net"), onPaper(t, d.Net)},
		{t.With("pdf.vat", map[string]any{"Percent": vatPercent}), onPaper(t, d.VAT)},
		{t.T("column.total"), onPaper(t, d.Total)},
	} {
		p.SetFont(font, []string{"", "", "B"}[i], 11)
		p.CellFormat(width-50, 9, row[0], "B", 0, "L", false, 0, "")
		p.CellFormat(50, 9, row[1], "B", 1, "R", false, 0, "")
	}
	p.Ln(6)
	line("", 11, t.T("column.status")+": "+t.T("document."+string(d.Status)))
	if stamped {
		p.SetDrawColor(30, 70, 160)
		p.SetTextColor(30, 70, 160)
		p.Circle(left+width-25, p.GetY()+25, 20, "D")
		p.SetXY(left+width-45, p.GetY()+20)
		p.SetFont(font, "B", 9)
		p.MultiCell(40, 5, t.T("pdf.stamp"), "", "C", false)
	}
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("making the PDF of %s: %w", d.Number, err)
	}
	return b.Bytes(), nil
}

// printable replaces what the library cannot print: all beyond Unicode's first plane.
func printable(r rune) rune {
	if r > 0xffff {
		return '?'
	}
	return r
}

// onPaper writes an amount without the sign of the ruble, which the font lacks.
func onPaper(t *catalogue.Texts, k kopecks) string {
	return t.With("pdf.rubles", map[string]any{"Amount": k.String()})
}
