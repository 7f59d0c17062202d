"""RQ and rq-scheduler, each behind one adapter."""
