"""What a summary may write in front of a statement that is nobody's name: "Decision:", "Frage:"."""

from bot.language.folding import fold_values

_LABELS = """
    decision decisions question questions fact facts note notes deadline todo action item items
    summary
    plan plans status open answer answers next step steps owner risk risks issue issues problem
    update
    reminder agreed pending request topic date time place location reason result task tasks info
    unresolved resolved proposal concern concerns conclusion outcome follow-up number numbers names
    entscheidung beschluss frage fragen offen offene fakt fakten notiz hinweis frist aufgabe plan
    stand
    antwort thema grund ergebnis termin ort problem vorschlag zusammenfassung risiko
    decision question questions fait faits remarque echeance tache reponse sujet raison resultat
    lieu
    probleme proposition resume ouverte risque
    pregunta preguntas hecho hechos nota fecha limite tarea respuesta tema razon resultado lugar
    problema
    propuesta resumen pendiente abierta riesgo acuerdo plazo
    decisao decisoes pergunta perguntas duvida fato facto prazo tarefa resposta assunto motivo local
    proposta resumo pendente aberta risco acordo
    decisione domanda fatto nota scadenza compito risposta motivo risultato luogo proposta riassunto
    besluit vraag feit taak antwoord reden resultaat plaats voorstel decyzja pytanie fakt zadanie
    odpowiedz wynik beslut fraga uppgift svar
    решение вопрос вопросы факт факты заметка срок задача план статус ответ тема причина итог место
    проблема предложение вывод открыто риск договорились
    рішення питання запитання примітка термін завдання відповідь підсумок місце пропозиція висновок
    αποφαση ερωτηση γεγονοσ σημειωση προθεσμια εργασια απαντηση θεμα λογοσ αποτελεσμα τοποσ προβλημα
    προταση συνοψη ανοιχτο
    karar soru bilgi not gorev plan durum cevap yanit konu neden sonuc yer sorun oneri ozet acik
    決定 決定事項 質問 事実 メモ 期限 締切 タスク 計画 状況 回答 理由 結果 場所 問題 提案 要約
    未解決 確認
    결정 결정사항 질문 사실 메모 마감 기한 할일 작업 계획 상태 답변 주제 이유 결과 장소 문제 제안
    요약 미해결
    决定 问题 事实 备注 截止 任务 计划 状态 回答 主题 原因 结果 地点 建议 总结 待定 決議 結論 结论
    قرار القرار سوال السوال سؤال السؤال حقيقة ملاحظة موعد مهمة خطة الحالة جواب موضوع سبب نتيجة مكان
    مشكلة
    اقتراح ملخص
    החלטה שאלה עובדה הערה משימה תוכנית מצב תשובה נושא סיבה תוצאה מקום בעיה הצעה סיכום
    निर्णय फैसला प्रश्न सवाल तथ्य नोट कार्य योजना स्थिति उत्तर विषय कारण परिणाम स्थान समस्या
    प्रस्ताव सारांश
    quyet dinh cau hoi su that ghi chu han nhiem vu ke hoach trang thai tra loi ly do ket qua van
    de de xuat
    tom tat
"""
LABELS = frozenset(map(fold_values, _LABELS.split()))
