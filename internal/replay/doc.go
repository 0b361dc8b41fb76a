// Package replay decides recorded requests again, under the policies of another world: what
// an audit file of Writ holds, or the events of CloudTrail. It tells which requests would be
// allowed or denied now that were not then.
//
// Start reading at Run.
package replay
