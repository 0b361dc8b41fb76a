package wire

import "github.com/writdev/writ/internal/awserr"

// Protocol is the wire protocol of a service.
type Protocol uint8

// The protocols of the services that Writ serves.
const (
	RestJSON Protocol = iota + 1 // restJson1: method, path and query, JSON body
	AWSJSON                      // awsJson1_1: POST /, X-Amz-Target, JSON body
	Query                        // awsQuery: form in, XML out
)

// Service is the wire identity of one AWS service, generated from its model.
type Service struct {
	Name         string // signing name, which is also the IAM action prefix: "imagebuilder"
	Title        string // "EC2 Image Builder"
	Protocol     Protocol
	Version      string // API version: "2019-12-02"
	TargetPrefix string // awsJson1_1 only: "AmazonSSM"
	Namespace    string // awsQuery only: the XML namespace of responses

	// Unserved are the operations of the model that Writ does not serve, in the form in
	// which requests name them: by name, or in restJson1 "PUT /CreateWorkflow".
	Unserved []string

	// Invalid returns the service's error for inputs that violate a constraint
	// of the model; nil means ValidationException with the common wording.
	Invalid func([]Violation) error

	// ExtendError adds the members that all errors of the service have;
	// nil leaves errors as they are.
	ExtendError func(e *awserr.Error, requestID string) *awserr.Error
}

// API is one operation of a model: its name, where it is found on the wire,
// and, as type parameters, pointers to the structs of its input and output. Functions
// that are generic over pointers are compiled once for all operations; over structs, once
// for each, which made the binary 5 MB larger.
type API[In, Out any] struct {
	Name   string
	Method string // "POST" for awsJson1_1 and awsQuery
	Path   string // template, such as "/tags/{resourceArn}"

	// EmptyResult says that the output has a shape without members: a Result element in
	// awsQuery, an object in awsJson1_1. Without a shape there is no such element.
	EmptyResult bool
}
