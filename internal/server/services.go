package server

import (
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/service/accessanalyzer"
	"github.com/writdev/writ/internal/service/iam"
	"github.com/writdev/writ/internal/service/imagebuilder"
	"github.com/writdev/writ/internal/service/kms"
	"github.com/writdev/writ/internal/service/organizations"
	"github.com/writdev/writ/internal/service/ram"
	"github.com/writdev/writ/internal/service/rekognition"
	"github.com/writdev/writ/internal/service/secretsmanager"
	"github.com/writdev/writ/internal/service/ssm"
	"github.com/writdev/writ/internal/service/sts"
)

// Services lists the services of Writ.
func Services(lifecycle operation.Lifecycle) []*operation.Service {
	return []*operation.Service{
		accessanalyzer.New(),
		iam.New(),
		imagebuilder.New(imagebuilder.Config{Lifecycle: lifecycle}),
		kms.New(),
		organizations.New(organizations.Config{Lifecycle: lifecycle}),
		ram.New(ram.Config{Lifecycle: lifecycle}),
		rekognition.New(rekognition.Config{Lifecycle: lifecycle}),
		secretsmanager.New(),
		ssm.New(),
		sts.New(),
	}
}
