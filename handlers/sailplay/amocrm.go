package sailplay

import "context"

// Service says for amoCRM's card whether the user has an account.
func (s *Room) Service(ctx context.Context, userID int64) (title string, err error) {
	_, err = s.db.SailPlayLink(ctx, userID)
	return "SailPlay", err
}

// Points are, for amoCRM's card, the user's as they were last known.
func (s *Room) Points(ctx context.Context, userID int64) (points int64, known bool, err error) {
	link, err := s.db.SailPlayLink(ctx, userID)
	if err != nil {
		return 0, false, err
	}
	f, known, err := figuresOf(link.Figures)
	return f.Points.Total, known, err
}
