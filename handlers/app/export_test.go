package app

import "kabinet/handlers/web"

// Routes are the portal's.
func (a *App) Routes() []web.Route { return a.portal.Routes() }
