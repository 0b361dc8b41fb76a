package server

// decode decodes the input and checks it against the constraints of the API model.
func (x *exchange) decode() error {
	x.input = x.op.row.Wire.NewInput()
	return x.match.Decode(x.http, x.body, x.input)
}
