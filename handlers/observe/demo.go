package observe

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/integrations/returnto"
)

// StopFaults takes away all faults of the demo's sandboxes.
func (o *Room) StopFaults(r *web.Request) error {
	o.config.Demo.StopFaults()
	return r.Redirect(http.StatusSeeOther, returnto.Local(r.Typed("next"), "/"))
}
