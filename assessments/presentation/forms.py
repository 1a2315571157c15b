"""Form rendering with the portal's own templates; name it in the setting FORM_RENDERER."""

from django.forms.renderers import TemplatesSetting


class PortalFormRenderer(TemplatesSetting):
    """`{{ form }}`, `{{ field.as_field_group }}` and error lists drawn by the design system."""

    form_template_name = "presentation/forms/form.html"
    field_template_name = "presentation/components/field.html"
