"""`course/` is an nbgrader course: this is its configuration, for `nbgrader`, Formgrader and `spotlight`.

Only dotted names here, and no imports: an error while this file is read would only be logged, and nbgrader
would go on with its stock steps.
"""

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "spotlight"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "*.pyc", "__pycache__", ".spotlight", "feedback", "built.json", ".staging*",
]  # fmt: skip

# The line that a learner replaces, the same in every exercise.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("Yours to write: replace this line, then run the check below.")'
}

# A submission is data: it is rebuilt from the release notebook where nbgrader reads it, and its answers are
# asked from outside the process they run in. Everything after that is nbgrader's own.
c.Autograde.force = True
c.Autograde.exporter_class = "autograder.nbgrader_steps.RebuildExporter"
c.Autograde.sanitize_preprocessors = []  # a rebuilt notebook has the release's points, ids and flags, and no outputs
c.GenerateFeedback.exporter_class = "autograder.nbgrader_steps.FeedbackExporter"
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_steps.Grade",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
