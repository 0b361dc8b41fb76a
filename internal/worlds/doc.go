// Package worlds holds isolated states beside the main one: each test can have a world of
// its own, empty or a copy of another, in one server. A world is a server.Server over a
// store in memory; nothing of one is visible in another.
//
// Any AWS client reaches a world by its endpoint URL: http://127.0.0.1:4566/_writ/w/NAME or
// http://NAME.localhost:4566. The signature covers what the client sent, so it is verified
// before nothing but the path that follows the world's is left to route. Start reading at
// Set.ServeHTTP.
package worlds
