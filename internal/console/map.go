package console

import "net/http"

// sharingMap shows the map. Its script requests the overview, lays it out and draws it.
func (c *Console) sharingMap(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, "map", c.frame(r, text("map.title"), "map"))
}
