"""What is true of mail, questions and answers: pure judgement, the standard library alone."""
