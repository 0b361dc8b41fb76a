// Package worlds holds isolated states next to the main one: each test can have its own
// world, empty or a copy of another, in one server. A world is a server.Server over a
// store in memory; nothing in one world is visible in another.
//
// Any AWS client reaches a world by its endpoint URL: http://127.0.0.1:4566/_writ/w/NAME or
// http://NAME.localhost:4566. The signature covers the path and the host as the client sent
// them; only routing uses the path without the world's prefix. Start reading at
// Set.ServeHTTP.
package worlds
