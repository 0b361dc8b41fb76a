//go:build tools

package main

// The API models ride in this module; nothing of its code is used.
import _ "github.com/aws/aws-sdk-go/models/endpoints"
