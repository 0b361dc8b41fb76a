// Package imagebuilder is EC2 Image Builder: components, recipes,
// infrastructure and distribution configurations, workflows, images, image
// pipelines, lifecycle policies, and the resource policies with which accounts
// share four of these.
//
// It builds nothing. A resource is a record that lives as its AWS counterpart
// would; the state of an image, and of the workflows that make it, follows from the clock
// and from the actions that its steps wait for (progress.go). What is real is who may do
// what to it: every row of the table in service.go names what the gate judges, and what a
// recipe or an image takes from other accounts is judged again, by the handler.
//
// Start reading at New in service.go, the table of operations; then policy.go.
// name.go and version.go tell how ARNs of this service are made and matched,
// resources.go how records are kept, list.go how they are listed. Differences
// from AWS that are known or suspected are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/imagebuilder/latest/APIReference/
package imagebuilder
