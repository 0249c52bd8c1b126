package contact

import "testing"

func TestATelephoneNumberIsReadAsPeopleWriteAndPasteIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]struct {
		phone   string
		problem Problem
	}{
		"":                   {"", ""},
		" \u00a0\u200b":      {"", ""},
		"+79123456789":       {"+79123456789", ""},
		"+7 (912) 345-67-89": {"+79123456789", ""},
		"8 (912) 345-67-89":  {"+79123456789", ""},
		"912 345 67 89":      {"+79123456789", ""},
		"\u202a+7\u202f912\u00a0345\u201167\u201189\u202c": {"+79123456789", ""},
		"+7 912 345–67—89":                                 {"+79123456789", ""},
		"＋7 912 345−67−89":                                 {"+79123456789", ""},
		"+7.912.345.67.89":                                 {"+79123456789", ""},
		"8 495 123-45-67":                                  {"+74951234567", ""},
		"+49 30 901820":                                    {"+4930901820", ""},
		"+1 212 555 0100":                                  {"+12125550100", ""},
		"+375 29 123-45-67":                                {"+375291234567", ""},
		// Wrong ones say why.
		"+8 912 345 67 89":             {"+89123456789", Country},
		"+999 123 456 789":             {"+999123456789", Country},
		"+7 912 345 67":                {"+791234567", Short},
		"+7 912 345 67 8":              {"+7912345678", Short},
		"+7 912 345-67-890":            {"+7912345-67-890", Unknown},
		"+7 000 000-00-00":             {"+7000000-00-00", Unknown},
		"12345":                        {"12345", Short},
		"+7 912 345 67 89 12 34 56 78": {"+7912345678912345678", Long},
		"+7 912 FLOWERS":               {"+7912FLOWERS", Wrong},
		"tel:+79123456789":             {"tel:+79123456789", Wrong},
		"+7 912 345-67-89 доб. 12":     {"+7912345-67-89доб.12", Wrong},
		"+79123456789;ext=12":          {"+79123456789;ext=12", Wrong},
		"+79123456789x12":              {"+79123456789x12", Wrong},
		"+79123456789#1":               {"+79123456789#1", Wrong},
		"7 912 345+67 89":              {"7912345+6789", Wrong},
		"+٧٩١٢٣٤٥٦٧٨٩":                 {"+٧٩١٢٣٤٥٦٧٨٩", Wrong},
		"++79123456789":                {"++79123456789", Wrong},
		"+":                            {"+", Wrong},
	} {
		if phone, problem := Phone(typed, "RU"); phone != want.phone || problem != want.problem {
			t.Errorf("%q: %q, %q", typed, phone, problem)
		}
	}
	if phone, problem := Phone("030 901820", "DE"); phone != "+4930901820" || problem != "" {
		t.Errorf("of another region: %q, %q", phone, problem)
	}
}

func FuzzPhone(f *testing.F) {
	f.Add("+7 (912) 345-67-89")
	f.Add("++7")
	f.Fuzz(func(t *testing.T, typed string) {
		phone, problem := Phone(typed, "RU")
		if problem != "" || phone == "" {
			return
		}
		if phone[0] != '+' || len(phone) > 16 {
			t.Errorf("%q is accepted", phone)
		}
		if again, problem := Phone(phone, "RU"); again != phone || problem != "" {
			t.Errorf("%q becomes %q, %q", phone, again, problem)
		}
	})
}
