package prove

// Fault is something wrong with a world.
type Fault struct {
	File    string
	Path    string // "users[0].arn"
	Message string
}

// Error is "world.yaml: users[0].arn: message".
func (f *Fault) Error() string {
	text := f.File + ": "
	if f.Path != "" {
		text += f.Path + ": "
	}
	return text + f.Message
}
