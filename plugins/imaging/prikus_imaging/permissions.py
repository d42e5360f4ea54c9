"""Rights of «Снимки»."""

from prikus.toolkit import Permission

permissions = (
    Permission("imaging.image.view", "Снимки: просмотр", ("director", "administrator", "doctor", "coordinator")),
    Permission("imaging.image.add", "Снимки: добавление", ("director", "administrator", "doctor")),
    Permission("imaging.image.delete", "Снимки: удаление", ("director", "doctor")),
    Permission("imaging.analysis.start", "Снимки: анализ", ("director", "doctor")),
    Permission("imaging.finding.decide", "Снимки: решение о находках", ("director", "doctor")),
)
