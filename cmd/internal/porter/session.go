package porter

import (
	"errors"
	"os"
	"time"

	"sps-kiosk/kiosk/ipc"
)

// session is the one worker there may be.
type session struct {
	id       ipc.Session
	conn     *ipc.Conn // to the worker
	worker   Worker
	deadline *time.Timer
	how      ipc.How // why it is being killed; 0: it is not
	killed   time.Time
	over     []func() // to be called when it is gone
	left     []func() // to be called when it holds no stick any more
	patience *time.Timer
}

// begin starts a worker. There is never a second one.
func (p *porter) begin(m *ipc.Begin) {
	if p.work != nil || p.o.Update != nil {
		p.say(&ipc.Ended{Session: m.Session, How: ipc.HowNotBegun})
		return
	}
	s, kiosks, err := p.start(m)
	if err != nil {
		p.o.Log.Error("start scan worker", "err", err)
		p.say(&ipc.Ended{Session: m.Session, How: ipc.HowNotBegun})
		return
	}
	p.work = s
	s.deadline = time.AfterFunc(m.Within, func() { p.post(func() { p.kill(s, ipc.HowDeadline) }) })
	p.tasks.Go(func() {
		well := s.worker.Wait()
		p.post(func() { p.reaped(s, well) })
	})
	p.tasks.Go(func() { p.hearWorker(s) })
	p.say(&ipc.Begun{Session: m.Session}, kiosks)
	kiosks.Close()
	p.lend()
}

// start makes a worker with its two connections, and returns the kiosk's end of one.
func (p *porter) start(m *ipc.Begin) (*session, *os.File, error) {
	kiosks, one, err := ipc.Pair()
	if err != nil {
		return nil, nil, err
	}
	defer one.Close()
	ours, two, err := ipc.Pair()
	if err != nil {
		return nil, nil, errors.Join(err, kiosks.Close())
	}
	defer two.Close()
	conn, err := ipc.FromFile(ours, ipc.WorkerToPorter)
	if err != nil {
		return nil, nil, errors.Join(err, kiosks.Close())
	}
	w, err := p.o.Launcher.Start(one, two)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close(), kiosks.Close())
	}
	return &session{id: m.Session, conn: conn, worker: w}, kiosks, nil
}

// hearWorker waits for Left.
func (p *porter) hearWorker(s *session) {
	for {
		m, _, err := s.conn.Receive()
		if err != nil {
			return // its process ends, or is about to
		}
		if _, ok := m.(*ipc.Left); ok {
			p.post(s.hasLeft)
		}
	}
}

// leave has the worker let go of the stick; then is called when it has, or is dead.
func (s *session) leave(p *porter, then func()) {
	if then != nil {
		s.left = append(s.left, then)
	}
	if s.patience == nil {
		s.patience = time.AfterFunc(p.o.LeaveTime, func() { p.post(func() { p.kill(s, ipc.HowCrashed) }) })
	}
	if err := s.conn.Send(&ipc.Leave{}); err != nil {
		p.kill(s, ipc.HowCrashed)
	}
}

// hasLeft goes on with what waited for the worker to let go.
func (s *session) hasLeft() {
	if s.patience != nil && s.patience.Stop() {
		s.patience = nil
	}
	then := s.left
	s.left = nil
	for _, f := range then {
		f()
	}
}

// finish kills the worker, if there is one; then is called when nothing of it is left.
func (p *porter) finish(how ipc.How, then func()) {
	switch {
	case p.work != nil:
		if then != nil {
			p.work.over = append(p.work.over, then)
		}
		p.kill(p.work, how)
	case then != nil:
		p.eject(then)
	}
}

func (p *porter) kill(s *session, how ipc.How) {
	if s.how != 0 || p.work != s {
		return
	}
	s.how, s.killed = how, time.Now()
	s.worker.Kill()
}

// reaped wipes after a worker's end, whatever it was, and only then says so.
func (p *porter) reaped(s *session, well bool) {
	s.deadline.Stop()
	s.conn.Close()
	if s.how == 0 {
		s.killed, s.how = time.Now(), ipc.HowExited
		if !well {
			s.how = ipc.HowCrashed
		}
	}
	p.tasks.Go(func() {
		files, err := p.o.Launcher.Wipe(p.ctx)
		p.post(func() { p.wiped(s, files, err) })
	})
}

// wiped ends a session: its stick is let go, and the kiosk is told.
func (p *porter) wiped(s *session, files int, err error) {
	if err != nil {
		// The key went with the process; files that nobody can open stay. The kiosk's next connection
		// gets no service before a wipe has succeeded.
		p.o.Log.Error("wipe after a session", "err", err)
		if p.kiosk != nil {
			p.kiosk.Close()
		}
	}
	took := time.Since(s.killed)
	s.hasLeft() // the dead hold nothing
	p.work = nil
	p.eject(func() {
		p.say(&ipc.Ended{Session: s.id, How: s.how, Files: files, Took: took})
		for _, f := range s.over {
			f()
		}
	})
}
