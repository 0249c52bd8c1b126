package handlers

import (
	"context"
	"encoding/json"
)

// service is the loyalty programme, with the points as they were last known.
func (s *sailPlay) service(ctx context.Context, userID int64) (*service, error) {
	found := &service{Name: "SailPlay"}
	link, err := s.db.SailPlayLink(ctx, userID)
	if isNotFound(err) {
		return found, nil
	}
	found.Connected = true
	var f figures
	if err == nil && link.Figures != "" {
		if err = json.Unmarshal([]byte(link.Figures), &f); err == nil {
			found.points = &f.Points.Total
		}
	}
	return found, err
}
