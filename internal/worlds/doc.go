// Package worlds holds isolated states beside the main one: each test can have a world of
// its own, empty or a copy of another, in one server. A world is a server.Server over a
// store in memory; nothing of one is visible in another.
//
// Any AWS client reaches a world by its endpoint URL: http://127.0.0.1:4566/_writ/w/NAME or
// http://NAME.localhost:4566. The signature covers the path and the host that the client
// wrote, and is verified over those; only routing sees the path without the world's prefix.
// Start reading at Set.ServeHTTP.
package worlds
