package app

import (
	"net"
	"time"
)

// writePatience is how long a reader may take for a chunk of an answer. Whoever reads a byte a second, to hold a
// connection, is left; a slow telephone reads faster, and a stream that has nothing to say writes nothing.
const writePatience = 30 * time.Second

// chunk is in bytes.
const chunk = 16 << 10

// deadlines is a listener whose connections have a deadline for each chunk that is written.
type deadlines struct {
	net.Listener
	patience time.Duration
}

func (l deadlines) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &deadlineConn{Conn: c, patience: l.patience}, nil
}

type deadlineConn struct {
	net.Conn
	patience time.Duration
	set      time.Time // when the deadline was set last: a write has at least half of the patience
}

// SetLinger is for a sandbox that resets a connection.
func (c *deadlineConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

func (c *deadlineConn) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		if now := time.Now(); now.Sub(c.set) > c.patience/2 {
			if err = c.SetWriteDeadline(now.Add(c.patience)); err != nil {
				return written, err
			}
			c.set = now
		}
		var n int
		n, err = c.Conn.Write(p[written:min(written+chunk, len(p))])
		written += n
	}
	return written, err
}
