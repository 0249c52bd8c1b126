package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kabinet/integrations/sandbox"
)

// savedVersion is to be raised when a state of before could not be read any more, or would be misread.
const savedVersion = 1

// saved is what of a state outlives the program: everything but the codes that somebody is about to type. They are
// good once and for minutes, and one that was used just before the program was killed could be good twice.
type saved struct {
	Version   int
	Tariff    string
	Enabled   bool
	Installed []string
	SMSWidget string
	Endpoint  string
	Sys       sys
	Rejoins   bool
	Tokens    tokenSettings
	Widget    *savedWidget
	Deals     []savedDeal
	Sessions  map[string]savedVisitor
	SMS       []sms
}

// savedWidget is the archive as it was uploaded: it is checked again.
type savedWidget struct {
	Archive   []byte
	Installed bool
}

// savedDeal is what of a deal can be changed; there are always the same ones.
type savedDeal struct {
	ID     int64
	Status string // its id
}

type savedVisitor struct {
	Phone string
	Seen  time.Time
}

// Save returns the state as JSON. It implements sandbox.Saver.
func (s *Sandbox) Save() ([]byte, error) { return json.Marshal(s.state.save()) }

func (s *state) save() saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := saved{
		Version: savedVersion, Tariff: s.tariff, Enabled: s.enabled, Installed: slices.Clone(s.installed), SMSWidget: s.smsWidget, Endpoint: s.endpoint,
		Sys: s.sys, Rejoins: s.rejoins, Tokens: s.tokens, Sessions: map[string]savedVisitor{}, SMS: slices.Clone(s.sms),
	}
	if u := s.widget; u != nil {
		v.Widget = &savedWidget{u.archive, u.installed}
	}
	for _, d := range s.deals {
		v.Deals = append(v.Deals, savedDeal{d.ID, statuses[d.status].ID})
	}
	for session, one := range s.sessions {
		v.Sessions[session] = savedVisitor{one.phone, one.seen}
	}
	return v
}

// Restore implements sandbox.Saver.
func (s *Sandbox) Restore(b []byte) error {
	var v saved
	if err := sandbox.ReadSaved(b, savedVersion, &v); err != nil {
		return err
	}
	c, err := v.contents()
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.contents = c
	return nil
}

func (v saved) contents() (contents, error) {
	c := contents{
		tariff: v.Tariff, enabled: v.Enabled, installed: v.Installed, smsWidget: v.SMSWidget, endpoint: v.Endpoint, sys: v.Sys, rejoins: v.Rejoins, tokens: v.Tokens,
		deals: seedDeals(), logins: map[string]*login{}, sessions: map[string]*visitor{}, sms: v.SMS,
	}
	if !v.settingsPossible() {
		return c, errors.New("the settings are none that the account's pages take")
	}
	if v.Widget != nil {
		u, problems := unpack(v.Widget.Archive)
		if len(problems) > 0 {
			return c, problems
		}
		u.installed, c.widget = v.Widget.Installed, u
	}
	if len(v.Deals) != len(c.deals) {
		return c, errors.New("there are other deals in it")
	}
	for i, one := range v.Deals {
		c.deals[i].status = slices.IndexFunc(statuses, func(s status) bool { return s.ID == one.Status })
		if one.ID != c.deals[i].ID || c.deals[i].status < 0 {
			return c, fmt.Errorf("deal %d is none", one.ID)
		}
	}
	if len(v.SMS) > maxSMS || len(v.Sessions) > maxVisitors {
		return c, errors.New("there is more in it than there can be")
	}
	for session, one := range v.Sessions {
		if !slices.ContainsFunc(c.deals, func(d *deal) bool { return slices.Contains(d.Phones, one.Phone) }) {
			return c, errors.New("somebody without a deal is signed in")
		}
		c.sessions[session] = &visitor{one.Phone, one.Seen}
	}
	return c, nil
}

func (v saved) settingsPossible() bool {
	for i, name := range v.Installed {
		if !slices.Contains(smsWidgets, name) || slices.Contains(v.Installed[:i], name) {
			return false
		}
	}
	switch {
	case !slices.Contains(tariffs, v.Tariff) || !v.Sys.possible() || !v.Tokens.possible() || v.Endpoint != "" && !isEndpoint(v.Endpoint):
		return false
	case v.SMSWidget != "" && !slices.Contains(v.Installed, v.SMSWidget):
		return false
	}
	return !v.Enabled || v.SMSWidget != "" && v.Tariff != tariffBasic
}
