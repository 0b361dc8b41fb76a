// Package rekognition implements Rekognition Custom Labels: projects, model versions,
// datasets with their entries, the project policies with which an account lets others
// copy its model versions, and the copy operation. Collections are records.
//
// It trains nothing and analyzes no images: a model version is a record whose state follows
// the clock (lifecycle.go), and its detections are invented and marked (detect.go). It
// implements who may copy a version. A project policy is attached to a project and is about
// the project's versions, so the gate authorizes a copy by the version's ARN and the policies
// of its project (copy.go).
//
// Start reading at New in service.go, the table of operations; then policy.go and copy.go.
// name.go defines the ARNs of this service, resources.go the storage of records. Known and
// suspected differences from AWS are listed in docs/divergences.md.
//
// Operations and shapes: https://docs.aws.amazon.com/rekognition/latest/APIReference/
package rekognition
