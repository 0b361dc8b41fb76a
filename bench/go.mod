module github.com/writdev/writ/bench

go 1.26.0

require github.com/writdev/writ v0.0.0

replace github.com/writdev/writ => ..
