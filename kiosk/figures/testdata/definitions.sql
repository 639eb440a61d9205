-- The definitions of the figures once more, over the raw facts, with no thought for speed.
-- In: ev(seq, kind, boot, up, wall, tid, svc, queue, window, leg, code, state, count), up and wall in ms,
-- wall NULL where it is not known, tid '' for facts of no ticket.
-- Out: figure(hour, queue, window, part, name, n). The zone is UTC+4.

-- A no-show that is taken back did not happen.
CREATE TEMP TABLE fact AS
SELECT * FROM ev WHERE kind NOT IN ('taken_back', 'printed', 'copied', 'memoed', 'tipped', 'enrolled') AND tid <> ''
AND NOT (kind = 'no_show' AND 'taken_back' IS (SELECT n.kind FROM ev n WHERE n.tid = ev.tid AND n.seq > ev.seq
         AND n.kind NOT IN ('printed', 'copied', 'memoed', 'tipped', 'enrolled') ORDER BY n.seq LIMIT 1));
CREATE INDEX temp.fact_tid ON fact(tid, seq);
CREATE TEMP TABLE visit AS
SELECT tid, seq AS issued, svc, boot, up, wall, code, coalesce(wall / 3600000, -1) AS hour,
       EXISTS (SELECT 1 FROM fact v WHERE v.tid = fact.tid AND v.kind = 'voided') AS void
FROM fact WHERE kind = 'issued';

-- The last fact of every boot, the first one, and the first thing that happens at a window on every day.
CREATE TEMP TABLE lastof AS SELECT max(seq) AS seq FROM ev GROUP BY boot;
CREATE TEMP TABLE firstof AS SELECT min(seq) AS seq FROM ev GROUP BY boot;
CREATE TEMP TABLE dawn AS
SELECT d.seq AS day, (SELECT min(w.seq) FROM ev w WHERE w.window > 0 AND w.kind <> 'paused' AND w.seq > d.seq) AS seq
FROM ev d WHERE d.kind = 'day_began';

-- How long from one fact to another: CLOCK_BOOTTIME within a boot, else by the wall. Facts of one ticket,
-- and those between which a carried ticket waits.
CREATE TEMP TABLE two AS
SELECT a.seq AS a, b.seq AS b FROM ev a JOIN ev b ON a.tid = b.tid AND a.seq <= b.seq WHERE a.tid <> ''
UNION SELECT a.seq, l.seq FROM ev a JOIN lastof l ON a.seq <= l.seq
UNION SELECT d.seq, b.seq FROM dawn d JOIN ev b ON d.seq <= b.seq;
CREATE TEMP TABLE pair AS
SELECT a.seq AS a, b.seq AS b, CASE WHEN a.boot = b.boot THEN b.up - a.up WHEN b.wall - a.wall < 0 THEN 0 ELSE b.wall - a.wall END AS ms
FROM two JOIN ev a ON a.seq = two.a JOIN ev b ON b.seq = two.b;
CREATE UNIQUE INDEX temp.pair_ab ON pair(a, b);

-- A business day or a boot that began on another date than a fact before it had: a night lies between.
CREATE TEMP TABLE night AS
SELECT a.seq AS a, b.seq AS b, CASE
    WHEN a.boot = b.boot AND b.wall IS NULL THEN 0
    WHEN a.boot = b.boot THEN (b.wall - (b.up - a.up) + 14400000) / 86400000 <> (b.wall + 14400000) / 86400000
    WHEN a.wall IS NULL OR b.wall IS NULL THEN 1
    ELSE (a.wall + 14400000) / 86400000 <> (b.wall + 14400000) / 86400000 END AS is_night
FROM ev b JOIN ev a ON a.seq < b.seq WHERE b.kind = 'day_began' OR b.seq IN (SELECT seq FROM firstof);
CREATE UNIQUE INDEX temp.night_ab ON night(a, b);
CREATE TEMP TABLE over AS -- from fact a to fact b a night went by
SELECT a.seq AS a, b.seq AS b FROM fact a JOIN fact b ON a.tid = b.tid AND a.seq < b.seq
WHERE EXISTS (SELECT 1 FROM ev d JOIN night n ON n.a = a.seq AND n.b = d.seq
              WHERE d.kind = 'day_began' AND d.seq > a.seq AND d.seq < b.seq AND n.is_night);

-- Legs: from a fact that put the ticket into a queue to the one that ended its stay there.
CREATE TEMP TABLE leg AS
SELECT e.tid, e.seq AS enqueue, e.queue, coalesce(e.wall / 3600000, -1) AS hour,
       (SELECT min(x.seq) FROM fact x WHERE x.tid = e.tid AND x.seq > e.seq
        AND x.kind IN ('transferred', 'returned', 'finished', 'no_show', 'walkout')) AS done
FROM fact e JOIN visit v ON v.tid = e.tid AND NOT v.void WHERE e.kind IN ('issued', 'transferred', 'returned');
CREATE TEMP TABLE seen AS -- every fact of a leg, its end included
SELECT l.tid, l.enqueue, l.queue AS lq, l.done, f.* FROM leg l JOIN fact f ON f.tid = l.tid AND f.seq > l.enqueue AND f.seq <= coalesce(l.done, 1e18);

CREATE INDEX temp.seen_enqueue ON seen(enqueue, seq);

-- Waiting: every interval that a call ended; a carried ticket's night is cut out of it.
CREATE TEMP TABLE interval AS
SELECT c.enqueue, c.seq AS ended, (SELECT max(s.seq) FROM fact s WHERE s.tid = c.tid AND s.seq < c.seq
       AND s.kind IN ('issued', 'transferred', 'returned', 'parked', 'requeued')) AS began
FROM seen c WHERE c.kind IN ('called', 'resumed');
CREATE TEMP TABLE part AS
SELECT i.enqueue, i.began AS a, i.ended AS b FROM interval i
WHERE NOT EXISTS (SELECT 1 FROM seen c WHERE c.enqueue = i.enqueue AND c.kind = 'carried' AND c.seq > i.began AND c.seq < i.ended)
UNION ALL -- before the night, up to when the machine was seen last if it was off over midnight
SELECT i.enqueue, i.began, CASE
    WHEN s.boot <> c.boot AND (SELECT n.is_night FROM night n WHERE n.a = (SELECT max(seq) FROM ev WHERE boot < c.boot)
                               AND n.b = (SELECT min(seq) FROM ev WHERE boot = c.boot))
    THEN (SELECT max(seq) FROM ev WHERE boot < c.boot) ELSE c.seq END
FROM interval i JOIN seen c ON c.enqueue = i.enqueue AND c.kind = 'carried' AND c.seq > i.began AND c.seq < i.ended
JOIN ev s ON s.seq = i.began
UNION ALL -- after it, from the first thing that happened at a window
SELECT i.enqueue, (SELECT d.seq FROM dawn d WHERE d.day > c.seq ORDER BY d.day LIMIT 1), i.ended
FROM interval i JOIN seen c ON c.enqueue = i.enqueue AND c.kind = 'carried' AND c.seq > i.began AND c.seq < i.ended;
CREATE INDEX temp.part_enqueue ON part(enqueue);
CREATE TEMP TABLE waited AS
SELECT l.tid, l.hour, l.queue, (SELECT window FROM seen c WHERE c.enqueue = l.enqueue AND c.kind IN ('called', 'resumed') ORDER BY c.seq LIMIT 1) AS window,
       CASE WHEN count(*) = count(p.ms) THEN sum(p.ms) END AS ms
FROM leg l JOIN part ON part.enqueue = l.enqueue LEFT JOIN pair p ON p.a = part.a AND p.b = part.b
WHERE l.done IS NOT NULL GROUP BY l.enqueue;

-- Service: from a start to whatever ended the visit or its piece.
CREATE TEMP TABLE piece AS
SELECT s.tid, s.seq AS a, x.seq AS b, s.queue, s.window, x.kind AS ended
FROM fact s LEFT JOIN fact x ON x.seq = (SELECT min(y.seq) FROM fact y WHERE y.tid = s.tid AND y.seq > s.seq
     AND y.kind IN ('finished', 'transferred', 'returned', 'parked', 'requeued'))
WHERE s.kind = 'started';
CREATE INDEX temp.piece_tid ON piece(tid, a);
CREATE INDEX temp.over_ab ON over(a, b);
CREATE TEMP TABLE served AS
SELECT l.tid, l.enqueue, l.queue, e.seq, e.kind, e.window, coalesce(e.wall / 3600000, -1) AS hour,
       CASE WHEN count(*) = count(CASE WHEN piece.ended <> 'requeued' AND over.a IS NULL THEN p.ms END) THEN sum(p.ms) END AS ms
FROM leg l JOIN fact e ON e.seq = l.done AND e.kind IN ('finished', 'transferred', 'returned')
JOIN piece ON piece.tid = l.tid AND piece.a > l.enqueue AND piece.a < l.done
LEFT JOIN pair p ON p.a = piece.a AND p.b = piece.b
LEFT JOIN over ON over.a = piece.a AND over.b = piece.b
GROUP BY l.enqueue;

-- Time going by while the machine was on, cut at the hours.
CREATE TEMP TABLE gap AS
SELECT a.seq, a.boot, b.up - a.up AS ms, coalesce(a.wall, b.wall - (b.up - a.up)) AS wall
FROM ev a JOIN ev b ON b.seq = (SELECT min(seq) FROM ev WHERE seq > a.seq) AND b.boot = a.boot AND b.up > a.up;
CREATE TEMP TABLE slice AS
WITH RECURSIVE cut(seq, boot, hour, wall, ms) AS (
    SELECT seq, boot, wall / 3600000, wall, ms FROM gap WHERE wall IS NOT NULL
    UNION ALL SELECT seq, boot, hour + 1, (hour + 1) * 3600000, ms - ((hour + 1) * 3600000 - wall) FROM cut
    WHERE ms > (hour + 1) * 3600000 - wall)
SELECT seq, boot, hour, min(ms, (hour + 1) * 3600000 - wall) AS ms FROM cut
UNION ALL SELECT seq, boot, -1, ms FROM gap WHERE wall IS NULL;
CREATE INDEX temp.slice_seq ON slice(seq);
CREATE INDEX temp.gap_seq ON gap(seq);
CREATE TEMP TABLE openness AS -- for how long each opening holds
SELECT o.seq AS a, o.window, o.count AS places, coalesce((SELECT min(p.seq) FROM ev p WHERE p.window = o.window AND p.seq > o.seq
       AND p.kind IN ('opened', 'paused')), 1e18) AS b
FROM ev o WHERE o.kind = 'opened';
CREATE TEMP TABLE broken AS -- for how long each report of a part that does not work holds
SELECT d.seq AS a, d.boot, d.code, coalesce((SELECT min(x.seq) FROM ev x WHERE x.kind = 'device' AND x.code = d.code AND x.boot = d.boot AND x.seq > d.seq), 1e18) AS b,
       (SELECT x.state FROM ev x WHERE x.kind = 'device' AND x.code = d.code AND x.boot = d.boot AND x.seq < d.seq ORDER BY x.seq DESC LIMIT 1) AS was
FROM ev d WHERE d.kind = 'device' AND d.state NOT IN ('', 'ok', 'paper_low', 'slow', 'unfamiliar', 'space_low');

CREATE TEMP TABLE bare AS -- for how long each report of a queue without anybody competent holds
SELECT d.seq AS a, d.boot, d.queue, coalesce((SELECT min(x.seq) FROM ev x WHERE x.kind IN ('uncovered', 'covered') AND x.queue = d.queue AND x.boot = d.boot AND x.seq > d.seq), 1e18) AS b,
       (SELECT x.kind FROM ev x WHERE x.kind IN ('uncovered', 'covered') AND x.queue = d.queue AND x.boot = d.boot AND x.seq < d.seq ORDER BY x.seq DESC LIMIT 1) AS was
FROM ev d WHERE d.kind = 'uncovered';

-- Announced hours: a closing with the opening told last before it, on the same date by the clock; a date before
-- one that was told already is the word of a clock gone wrong. Of each date the last word counts.
CREATE TEMP TABLE word AS
SELECT seq, code, (wall + 14400000) / 86400000 AS date, min(max(count, 0), 1440) * 60000 AS minute FROM ev WHERE kind = 'announced' AND wall IS NOT NULL;
CREATE TEMP TABLE pairing AS
SELECT c.seq, c.date, o.date AS odate, c.date * 86400000 - 14400000 + o.minute AS begins, c.date * 86400000 - 14400000 + max(c.minute, o.minute) AS ends
FROM word c JOIN word o ON o.seq = (SELECT max(seq) FROM word WHERE code = 'opens' AND seq < c.seq) WHERE c.code = 'closes';
CREATE TEMP TABLE hours AS
SELECT * FROM pairing p WHERE odate = date AND NOT EXISTS (SELECT 1 FROM pairing q WHERE q.odate = q.date AND q.seq < p.seq AND q.date > p.date);
CREATE TEMP TABLE within AS -- stretches that count, under their name, not cut yet
SELECT 'announced_ms' AS name, begins AS a, ends AS b FROM hours h WHERE seq = (SELECT max(seq) FROM hours WHERE date = h.date)
UNION ALL SELECT 'served_ms', max(g.wall, h.begins), min(g.wall + g.ms, h.ends)
FROM gap g JOIN hours h ON h.seq = (SELECT max(seq) FROM hours WHERE seq <= g.seq)
WHERE g.wall IS NOT NULL AND EXISTS (SELECT 1 FROM openness o WHERE o.a <= g.seq AND g.seq < o.b);
CREATE TEMP TABLE cutting AS
WITH RECURSIVE c(name, hour, a, b) AS (
    SELECT name, a / 3600000, a, b FROM within WHERE b > a
    UNION ALL SELECT name, hour + 1, (hour + 1) * 3600000, b FROM c WHERE b > (hour + 1) * 3600000)
SELECT name, hour, min(b, (hour + 1) * 3600000) - a AS ms FROM c;

CREATE TEMP TABLE told AS -- everything that counts by itself
SELECT coalesce(wall / 3600000, -1) AS hour, * FROM ev;

CREATE TEMP TABLE raw AS
          SELECT hour, svc AS queue, 0 AS window, '' AS part, 'issued' AS name, 1 AS n FROM visit WHERE NOT void
UNION ALL SELECT hour, svc, 0, '', 'by_administrator', 1 FROM visit WHERE NOT void AND code <> ''
UNION ALL SELECT hour, svc, 0, '', 'voided', 1 FROM visit WHERE void
UNION ALL SELECT v.hour, v.svc, 0, '', CASE f.kind WHEN 'granted' THEN 'granted' WHEN 'finished' THEN 'served' WHEN 'no_show' THEN 'no_shows' ELSE 'walkouts' END, 1
          FROM visit v JOIN fact f ON f.tid = v.tid AND f.kind IN ('granted', 'finished', 'no_show', 'walkout') WHERE NOT v.void
UNION ALL SELECT v.hour, v.svc, 0, '', n.name, CASE n.name WHEN 'visits' THEN 1 ELSE p.ms END
          FROM visit v JOIN fact f ON f.tid = v.tid AND f.kind = 'finished' JOIN pair p ON p.a = v.issued AND p.b = f.seq AND p.ms IS NOT NULL
          JOIN (SELECT 'visits' AS name UNION ALL SELECT 'visit_ms') n
          WHERE NOT EXISTS (SELECT 1 FROM over WHERE over.a = v.issued AND over.b = f.seq)
UNION ALL SELECT v.hour, v.svc, 0, '', n.name, CASE n.name WHEN 'total_waits' THEN 1 ELSE w.ms END
          FROM visit v JOIN fact f ON f.tid = v.tid AND f.kind = 'finished'
          JOIN (SELECT tid, CASE WHEN count(*) = count(ms) THEN sum(ms) END AS ms FROM waited GROUP BY tid) w ON w.tid = v.tid AND w.ms IS NOT NULL
          JOIN (SELECT 'total_waits' AS name UNION ALL SELECT 'total_waiting_ms') n
UNION ALL SELECT hour, queue, window, '', 'legs', 1 FROM waited WHERE ms IS NOT NULL
UNION ALL SELECT hour, queue, window, '', 'waiting_ms', ms FROM waited WHERE ms IS NOT NULL
UNION ALL SELECT hour, queue, window, '', 'within_norm', 1 FROM waited WHERE ms <= CASE queue WHEN 'reg' THEN 290500 ELSE 900000 END
UNION ALL SELECT hour, queue, window, '', 'legs_unmeasured', 1 FROM waited WHERE ms IS NULL
UNION ALL SELECT hour, queue, window, '', 'minute ' || CASE WHEN ms = 0 THEN 0 ELSE min((ms + 59999) / 60000 - 1, 1440) END, 1 FROM waited WHERE ms IS NOT NULL
UNION ALL SELECT t.hour, t.queue, t.window, '', CASE t.kind WHEN 'recalled' THEN 'recalls' WHEN 'parked' THEN 'parks' WHEN 'requeued' THEN 'requeues' ELSE 'calls' END, 1
          FROM told t JOIN visit v ON v.tid = t.tid AND NOT v.void WHERE t.kind IN ('called', 'resumed', 'recalled', 'parked', 'requeued')
UNION ALL SELECT t.hour, t.queue, t.window, '', n.name, CASE WHEN n.name = 'response_ms' THEN p.ms ELSE 1 END
          FROM told t JOIN visit v ON v.tid = t.tid AND NOT v.void
          JOIN pair p ON p.b = t.seq AND p.a = (SELECT max(c.seq) FROM fact c WHERE c.tid = t.tid AND c.seq < t.seq AND c.kind IN ('called', 'resumed'))
          JOIN (SELECT 'responses' AS name UNION ALL SELECT 'response_ms' UNION ALL SELECT 'response_unmeasured') n
          ON (p.ms IS NULL) = (n.name = 'response_unmeasured') WHERE t.kind = 'started'
UNION ALL SELECT hour, queue, window, '', 'services', 1 FROM served WHERE ms IS NOT NULL
UNION ALL SELECT hour, queue, window, '', 'service_ms', ms FROM served WHERE ms IS NOT NULL
UNION ALL SELECT hour, queue, window, '', 'service_unmeasured', 1 FROM served WHERE ms IS NULL
UNION ALL SELECT hour, queue, window, '', kind, 1 FROM (SELECT hour, queue, window, CASE kind WHEN 'returned' THEN 'returns' ELSE 'transfers' END AS kind
          FROM served WHERE kind <> 'finished')
UNION ALL SELECT s.hour, p.queue, p.window, '', 'serving_ms', s.ms FROM slice s JOIN piece p ON p.a <= s.seq AND s.seq < coalesce(p.b, 1e18)
          WHERE NOT EXISTS (SELECT 1 FROM ev d JOIN night n ON n.a = p.a AND n.b = d.seq WHERE d.kind = 'day_began' AND n.is_night AND d.seq <= s.seq)
UNION ALL SELECT s.hour, '', o.window, '', n.name, CASE n.name WHEN 'open_ms' THEN s.ms ELSE s.ms * o.places END
          FROM slice s JOIN openness o ON o.a <= s.seq AND s.seq < o.b JOIN (SELECT 'open_ms' AS name UNION ALL SELECT 'place_ms') n
UNION ALL SELECT hour, '', 0, '', 'on_ms', ms FROM slice
UNION ALL SELECT t.hour, '', 0, b.code, 'outages', 1 FROM broken b JOIN told t ON t.seq = b.a WHERE coalesce(b.was, 'ok') IN ('', 'ok', 'paper_low', 'slow', 'unfamiliar', 'space_low')
UNION ALL SELECT s.hour, '', 0, b.code, 'outage_ms', s.ms FROM slice s JOIN broken b ON b.boot = s.boot AND b.a <= s.seq AND s.seq < b.b
UNION ALL SELECT hour, queue, 0, '', CASE code WHEN 'exhausted' THEN 'refused_exhausted' ELSE 'refused_closed' END, 1 FROM told WHERE kind = 'refused'
UNION ALL SELECT hour, '', 0, '', 'print_' || code, 1 FROM told WHERE kind = 'printed'
UNION ALL SELECT hour, '', 0, '', CASE code WHEN 'expired' THEN 'help_expired' ELSE 'help_answered' END, 1 FROM told WHERE kind = 'help_answered'
UNION ALL SELECT hour, '', 0, '', CASE kind WHEN 'copied' THEN 'copies' WHEN 'help' THEN 'help_signals' WHEN 'booted' THEN 'boots' WHEN 'scan_began' THEN 'scans'
                 WHEN 'scan_saved' THEN 'scans_saved' WHEN 'scan_wiped' THEN 'wipes' WHEN 'misused' THEN 'misuses' ELSE 'reminders' END, 1
          FROM told WHERE kind IN ('copied', 'help', 'booted', 'scan_began', 'scan_saved', 'scan_wiped', 'misused', 'reminded')
UNION ALL SELECT s.hour, s.queue, s.window, f.code || '.' || f.state, 'answers', 1 FROM served s JOIN seen f ON f.enqueue = s.enqueue AND f.kind = 'stepped'
          WHERE f.state <> '' AND NOT EXISTS (SELECT 1 FROM seen x WHERE x.enqueue = s.enqueue AND x.kind = 'stepped' AND x.code = f.code AND x.seq > f.seq)
UNION ALL SELECT hour, '', 0, 'memo.' || code, 'memos', 1 FROM told WHERE kind = 'memoed'
UNION ALL SELECT hour, queue, 0, '', 'tips', 1 FROM told WHERE kind = 'tipped'
UNION ALL SELECT hour, '', 0, 'course.' || code, CASE kind WHEN 'enrolled' THEN 'enrolments' ELSE 'attendances' END, CASE kind WHEN 'enrolled' THEN 1 ELSE count END
          FROM told WHERE kind IN ('enrolled', 'attended')
UNION ALL SELECT t.hour, b.queue, 0, '', 'uncovereds', 1 FROM bare b JOIN told t ON t.seq = b.a WHERE b.was IS NOT 'uncovered'
UNION ALL SELECT s.hour, b.queue, 0, '', 'uncovered_ms', s.ms FROM slice s JOIN bare b ON b.boot = s.boot AND b.a <= s.seq AND s.seq < b.b
UNION ALL SELECT hour, '', 0, '', name, ms FROM cutting
UNION ALL SELECT hour, '', 0, '', CASE kind WHEN 'scan_saved' THEN 'pages_saved' ELSE 'pages_wiped' END, count FROM told WHERE kind IN ('scan_saved', 'scan_wiped');

CREATE TEMP TABLE figure AS SELECT hour, queue, window, part, name, sum(n) AS n FROM raw GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0;
