package server

import (
	"github.com/writdev/writ/internal/service"
	"github.com/writdev/writ/internal/service/imagebuilder"
	"github.com/writdev/writ/internal/service/sts"
)

// Services lists the services of Writ.
func Services(lifecycle imagebuilder.Lifecycle) []*service.Service {
	return []*service.Service{
		imagebuilder.New(imagebuilder.Config{Lifecycle: lifecycle}),
		sts.New(),
	}
}
