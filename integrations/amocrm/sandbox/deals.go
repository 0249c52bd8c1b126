package sandbox

import (
	"slices"
	"strconv"
)

// deal is a deal of the account. Its customer signs in by the telephone number of a contact.
type deal struct {
	ID       int64
	Name     string
	Phones   []string // digits only
	Customer string   // as the staff's page shows them
	status   int      // which of statuses
	fields   []field
	contacts []contact
	company  *company
}

type contact struct {
	id, name string
	fields   []string // ids
}

type company struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	FieldIDs []string `json:"fieldIds"`
}

// field is one of LeadFieldsModel. What a value looks like is not documented but for its kind: our decision.
type field struct {
	ID      string `json:"id"`
	FieldID string `json:"fieldId"`
	Source  string `json:"fieldSource"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Value   any    `json:"value"`
}

// status is one of LeadModel's statuses.
type status struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Color    string `json:"color"`
	Selected bool   `json:"selected"`
}

var statuses = []status{
	{ID: "101", Name: "Первичный контакт", Color: "#99ccff"},
	{ID: "102", Name: "Переговоры", Color: "#ffff99"},
	{ID: "103", Name: "Принимают решение", Color: "#ffcc66"},
	{ID: "142", Name: "Успешно реализовано", Color: "#ccff66"},
}

// lead is the entity of that name, as the SDK gives it. What pid is, is not documented.
type lead struct {
	ID           string              `json:"id"`
	PID          string              `json:"pid"`
	IsLeadLoaded bool                `json:"isLeadLoaded"`
	FieldIDs     []string            `json:"fieldIds"`
	Statuses     []status            `json:"statuses"`
	ManagerID    string              `json:"managerId"`
	Contacts     map[string]leadUser `json:"contacts"`
	Company      *company            `json:"company"`
}

type leadUser struct {
	FieldIDs []string `json:"fieldIds"`
	ID       string   `json:"id"`
	UserID   string   `json:"userId"`
}

// author is one of AuthorsModel.
type author struct {
	ID       string `json:"id"`
	Avatar   string `json:"avatar"`
	Name     string `json:"name"`
	IsBot    bool   `json:"isBot"`
	IsClient bool   `json:"isClient"`
}

const manager, bot = "501", "502"

// model is the deal as the entity lead.
func (d *deal) model() lead {
	l := lead{ID: strconv.FormatInt(d.ID, 10), PID: "p" + strconv.FormatInt(d.ID, 10), IsLeadLoaded: true,
		ManagerID: manager, Statuses: slices.Clone(statuses), Contacts: map[string]leadUser{}, Company: d.company,
		FieldIDs: []string{}}
	l.Statuses[d.status].Selected = true
	for _, f := range d.fields {
		if f.Source == "lead" {
			l.FieldIDs = append(l.FieldIDs, f.ID)
		}
	}
	for _, c := range d.contacts {
		l.Contacts[c.id] = leadUser{FieldIDs: c.fields, ID: c.id, UserID: "u" + c.id}
	}
	return l
}

// leadFields is the entity of that name.
func (d *deal) leadFields() map[string]field {
	all := map[string]field{}
	for _, f := range d.fields {
		all[f.ID] = f
	}
	return all
}

// authors is the entity of that name.
func (d *deal) authors() map[string]author {
	all := map[string]author{
		manager: {ID: manager, Name: "Мария Орлова"},
		bot:     {ID: bot, Name: "Бот «Помощник»", IsBot: true},
	}
	for _, c := range d.contacts {
		all["u"+c.id] = author{ID: "u" + c.id, Name: c.name, IsClient: true}
	}
	return all
}

// dealsOf are the deals with a contact of that telephone number. The lock is held.
func (s *state) dealsOf(phone string) []deal {
	return slices.DeleteFunc(slices.Clone(s.deals), func(d deal) bool {
		return phone == "" || !slices.Contains(d.Phones, phone)
	})
}

// indexOf is where the deal of that number is among them, or -1. The lock is held.
func (s *state) indexOf(dealID int64) int {
	return slices.IndexFunc(s.deals, func(d deal) bool { return d.ID == dealID })
}

// move gives a deal another status.
func (s *state) move(id int64, statusID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.indexOf(id)
	to := slices.IndexFunc(statuses, func(one status) bool { return one.ID == statusID })
	if i >= 0 && to >= 0 {
		s.deals[i].status = to
	}
}

// The deals that there are at first; all of it is invented. The first has a field of every kind.
func seedDeals() []deal {
	const anna, boris = "79120000001", "79120000002"
	return []deal{
		{
			ID: 7001001, Name: "Подключение тарифа «Бизнес»", Phones: []string{anna},
			Customer: "Анна Смирнова, +79120000001", status: 1, fields: allKinds(),
			contacts: []contact{{"301", "Анна Смирнова", []string{"f13", "f15"}},
				{"302", "Олег Смирнов", []string{"f16"}}},
			company: &company{"401", "ООО «Ромашка»", []string{"f12"}},
		},
		{
			ID: 7001002, Name: "Продление на год", Phones: []string{anna}, Customer: "Анна Смирнова, +79120000001",
			status: 2,
			fields: []field{{"f1", "901", "lead", "Бюджет", "budget", 24000},
				{"f2", "902", "lead", "Продлить до", "date", "2027-12-31"}},
			contacts: []contact{{"301", "Анна Смирнова", []string{}}},
		},
		{
			ID: 7002001, Name: "Консультация", Phones: []string{boris}, Customer: "Борис Кузнецов, +79120000002",
			fields:   []field{{"f1", "901", "lead", "Бюджет", "budget", 5000}},
			contacts: []contact{{"303", "Борис Кузнецов", []string{}}},
		},
	}
}

// allKinds has a field of each of FIELD_TYPES.
func allKinds() []field {
	return []field{
		{"f1", "901", "lead", "Бюджет", "budget", 36000},
		{"f2", "902", "lead", "Название проекта", "text", "Переезд в новый офис"},
		{"f3", "903", "lead", "Число рабочих мест", "numeric", 12},
		{"f4", "904", "lead", "Нужен монтаж", "checkbox", true},
		{"f5", "905", "lead", "Начать", "date", "2026-12-01"},
		{"f6", "906", "lead", "Канал", "select", "Рекомендация"},
		{"f7", "907", "lead", "Услуги", "multiselect", []string{"Интернет", "Телефония"}},
		{"f8", "908", "lead", "Сайт", "url", "https://romashka.example"},
		{"f9", "909", "lead", "Пожелания", "textarea", "Работать в выходные.\nПропуск заказан."},
		{"f10", "910", "lead", "Срочность", "radiobutton", "Обычная"},
		{"f11", "911", "lead", "Встреча", "dateTime", "2026-12-03T10:30:00Z"},
		{"f12", "912", "company", "Реквизиты", "legalEntity",
			map[string]string{"name": "ООО «Ромашка»", "vat_id": "0000000000"}},
		{"f13", "913", "contacts", "Телефон", "multitext", []string{"+79120000001"}},
		{"f14", "914", "lead", "Адрес", "streetaddress", "Екатеринбург, ул. Ленина, 1"},
		{"f15", "915", "contacts", "День рождения", "birthday", "1990-04-12"},
		{"f16", "916", "contacts", "Адрес доставки", "smartAddress",
			map[string]string{"city": "Екатеринбург", "address_line_1": "ул. Мира, 2"}},
	}
}
