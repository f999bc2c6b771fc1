"""Widgets as a screen reader has them."""
from kbtest import wait_until
from kbtest.gui import BusError, DesktopTest

TREE = """\
application 'gui-sample'
  filler 'Sample'
    label 'Name'
    text 'Name' (focused)
    label 'Password'
    password text 'Password'
    check box 'Remember'
    label 'Color'
    combo box 'Red'
      list '' (hidden)
        list item 'Red'
        list item 'Green'
    label 'Count'
    spin box 'Count'
    label 'nothing'
    push button 'Greet'
    push button 'Ask'
    push button 'Open page'
    push button ''
    push button 'Refused' (disabled)"""


class AccessibilityTest(DesktopTest):
    provider_options = None

    def setUp(self):
        super().setUp()
        self.sample, self.widgets = self.start_sample()
        wait_until(lambda: self.widgets.find("text", "Name").focused, "the focus of the first field")

    def test_the_tree(self):
        self.assertEqual(self.widgets.tree(), TREE)
        self.assertNotIn("list ''", self.widgets.tree(showing=True))

    def test_what_has_no_name_is_found(self):
        self.assertEqual(self.widgets.unnamed(), ["push button ''"])

    def test_text_and_a_button(self):
        self.widgets.find("text", "Name").set_text("Ada")
        self.assertEqual(self.widgets.find("text", "Name").text, "Ada")
        self.widgets.find("push button", "Greet").press()
        self.assertEqual(self.widgets.find("label", "Hello Ada").description, "what happened last")

    def test_a_password_is_typed_and_never_read(self):
        field = self.widgets.find("password text", "Password")
        field.set_text("canary")
        self.assertNotIn("canary", field.text)
        with self.assertRaisesRegex(AssertionError, "takes no text"):
            self.widgets.find("label", "nothing").set_text("x")

    def test_boxes(self):
        box = self.widgets.find("check box", "Remember")
        self.assertFalse(box.checked)
        box.press()
        wait_until(lambda: box.checked, "the check mark")
        count = self.widgets.find("spin box", "Count")
        count.set_value(7)
        self.assertEqual(count.value, 7)
        self.desktop.choose(self.widgets.find("combo box", "Red"), "Green")
        self.widgets.find("combo box", "Green")

    def test_the_focus(self):
        button = self.widgets.find("push button", "Greet")
        self.assertFalse(button.focused)
        button.focus()
        wait_until(lambda: button.focused, "the button's focus")
        self.assertFalse(self.widgets.find("text", "Name").focused)
        self.assertEqual(self.widgets.focused_widget(), button)

    def test_what_is_disabled_is_not_pressed(self):
        refused = self.widgets.find("push button", "Refused")
        self.assertFalse(refused.enabled)
        with self.assertRaisesRegex(AssertionError, "disabled"):
            refused.press()

    def test_a_modal_dialog(self):
        self.widgets.find("push button", "Ask").press()
        question = self.widgets.find(name="Sure")
        question.find("label", r"Are you sure\?")
        question.find("push button", ".*Yes").press()
        self.widgets.find("label", "sure")
        wait_until(lambda: not question.exists, "the question's end")

    def test_its_place_is_that_of_the_window(self):
        window = self.desktop.display.find("Sample")
        self.assertEqual(self.widgets.find("filler", "Sample").extents, window[3:])
        self.assertEqual(self.widgets.find("text", "Name").parent, self.widgets.find("filler", "Sample"))

    def test_what_is_not_there_is_told_with_all_that_is(self):
        with self.assertRaisesRegex(AssertionError, "(?s)0 of push button 'Nothing' in.*push button 'Greet'"):
            self.widgets.find("push button", "Nothing", seconds=0.1)
        with self.assertRaisesRegex(AssertionError, "5 of push button in"):
            self.widgets.find("push button", seconds=0.1)

    def test_a_program_that_ended(self):
        self.sample.stop()
        self.assertFalse(self.widgets.exists)
        with self.assertRaises(BusError):
            self.widgets.name
        wait_until(lambda: self.sample.pid not in self.desktop.accessibility.applications(), "its end on the bus")
