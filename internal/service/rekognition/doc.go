// Package rekognition is Rekognition Custom Labels: projects, model versions,
// datasets with their entries, the project policies with which an account lets
// others copy its model versions, and that copy. Collections are there as records.
//
// It trains nothing and looks at no image: a model version is a record whose
// state follows from the clock alone (lifecycle.go), and what it detects is made up and
// marked (detect.go). What is real is who may copy it. A project policy is attached to a project and is about the project's
// versions, so the gate judges a copy by the version's ARN and by the policies
// of its project (copy.go).
//
// Start reading at New in service.go, the table of operations; then policy.go
// and copy.go. name.go tells how ARNs of this service are made, resources.go
// how records are kept. Differences from AWS that are known or suspected are listed
// in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/rekognition/latest/APIReference/
package rekognition
