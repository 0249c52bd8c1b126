package app

import (
	"net/url"

	sandboxes "kabinet/integrations/sandbox"
)

// controlOrigin is where all sandboxes are controlled from.
func controlOrigin(port string) string { return "http://sandbox.localhost:" + port }

func (h byHost) addControl(c *sandboxes.Control, origin string) error {
	handler, err := c.Handler()
	if err != nil {
		return err
	}
	u, err := url.Parse(origin)
	if err != nil {
		return err
	}
	h[u.Hostname()] = handler
	return nil
}
