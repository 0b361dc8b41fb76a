package prove

// Fault is an error in a world.
type Fault struct {
	File    string
	Path    string // "users[0].arn"
	Message string
}

// Error returns a text such as "world.yaml: users[0].arn: message".
func (f *Fault) Error() string {
	text := f.File + ": "
	if f.Path != "" {
		text += f.Path + ": "
	}
	return text + f.Message
}
